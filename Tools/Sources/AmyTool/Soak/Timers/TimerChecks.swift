internal import Amy
internal import AmyThreads

/// A thread that waits for its timers knows to the nanosecond which may fire, and the periods passed.
struct TimerChecks {
  private let workers: Workers
  private let timed: Counter
  private let poller: Poller
  private let sleep: CheckedSleep

  init(_ workers: Workers, _ timed: Counter) throws(PollerError) {
    self.workers = workers
    self.timed = timed
    poller = try Poller()
    sleep = try CheckedSleep(workers.violations)
  }

  func work() throws(PollerError) {
    var rng = SeededRNG(workers.seed, "timer checks")
    var events = EventBuffer(capacity: 8)
    while !workers.violations.isOver {
      switch rng.roll(0...2) {
      case 0: try once(&rng, &events)
      case 1: try repeated(&rng, &events)
      default: try nothing(&rng, &events)
      }
      timed.add()
      sleep.rest(rng.duration(upTo: .milliseconds(4)))
    }
  }

  private func violation(_ what: String) {
    workers.violations.report("timers", what)
  }

  /// Waits for one timer without sleeping, which could hide that it is early.
  private func once(_ rng: inout SeededRNG, _ events: inout EventBuffer) throws(PollerError) {
    let deadline = Deadline.now + rng.duration(upTo: .microseconds(200))
    let timer = try poller.registrar.scheduleTimer(at: deadline)
    try poller.wait(into: &events, spinning: .milliseconds(1))
    let now = Deadline.now
    guard events.count == 1, events[0].id == timer.id else {
      return violation("a wait for one timer brought \(events.count) events")
    }
    if now < deadline { violation("a timer fired \(deadline.nanoseconds - now.nanoseconds) ns early") }
    if poller.registrar.cancel(timer) { violation("a timer that had fired was pending") }
  }

  /// A repeating timer has reported as many periods as had passed when the wait began or since.
  private func repeated(_ rng: inout SeededRNG, _ events: inout EventBuffer) throws(PollerError) {
    let period = max(.microseconds(10), rng.duration(upTo: .milliseconds(2)))
    let length = period.wholeNanoseconds
    let first = MonotonicClock.now
    let timer = try poller.registrar.scheduleTimer(every: period)
    let last = MonotonicClock.now
    var told: UInt64 = 0
    for _ in 0..<rng.roll(1...8) {
      if rng.isOne(in: 4) { sleep.rest(rng.duration(upTo: .milliseconds(1))) }
      let begin = MonotonicClock.now
      try poller.wait(into: &events)
      let most = (MonotonicClock.now - first) / length
      if events.isEmpty { violation("a wait for a repeating timer brought nothing") }
      // A wait checks timers before and after the kernel: one of a few microseconds may come twice.
      for index in events.indices {
        guard events[index].id == timer.id, case .timer(let expirations) = events[index].kind else {
          return violation("a wait for one timer brought \(events[index])")
        }
        told += UInt64(expirations)
      }
      let least = (begin - last) / length
      if told < least || told > most {
        violation("a timer of \(length) ns reported \(told) periods, when \(least) to \(most) had passed")
      }
    }
    if !poller.registrar.cancel(timer) { violation("a repeating timer was not pending") }
    try poller.wait(into: &events, timeout: .zero)
    if !events.isEmpty { violation("a timer fired after it was cancelled") }
  }

  /// Only the timeout ends a wait.
  private func nothing(_ rng: inout SeededRNG, _ events: inout EventBuffer) throws(PollerError) {
    let timeout = rng.duration(upTo: .milliseconds(2))
    let begin = MonotonicClock.now
    try poller.wait(into: &events, timeout: timeout)
    let passed = MonotonicClock.now - begin
    if !events.isEmpty { violation("an event without any cause: \(events[0])") }
    if passed < timeout.wholeNanoseconds { violation("a wait of \(timeout) returned after \(passed) ns") }
  }
}
