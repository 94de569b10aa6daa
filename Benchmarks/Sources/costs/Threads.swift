import AmyThreads

func threads() throws {
  let thread = try SystemThread(named: "joined") { 1 }
  _ = thread.join()
  begin("join a thread again", calls: 0)
  _ = thread.join()
  end()
  try scheduling()
  // Where the compiler cannot put it on the stack.
  begin("make a monitor", calls: 0, allocations: 2)
  let monitor = Monitor(0)
  kept = monitor
  end()
  begin("lock a monitor", calls: 0)
  monitor.withLock { $0 += 1 }
  end()
}

private func scheduling() throws {
  begin("processors of this thread", calls: 1, allocations: nil)
  let processors = try CurrentThread.processors
  end()
  begin("set the processors of this thread", calls: 3, allocations: nil)
  try CurrentThread.setProcessors(processors)
  end()
  begin("timer slack of this thread", calls: 1)
  let slack = try CurrentThread.timerSlack
  end()
  begin("set the timer slack of this thread", calls: 1)
  try CurrentThread.setTimerSlack(slack)
  end()
}

nonisolated(unsafe) private var kept: Monitor<Int>?
