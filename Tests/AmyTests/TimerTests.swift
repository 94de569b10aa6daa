import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Foundation
import SystemPackage
import Testing

/// Every kernel's promises for timers.
@Suite("A timer", .timeLimit(.minutes(10)))
struct TimerTests {
  static var kernels: [any KernelUnderTest] { BackendContractTests.kernels }

  @Test("fires once, never early, and leaves nothing behind", arguments: kernels)
  func firesOnce(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let start = poller.now
    let timer = try poller.schedule(after: 20_000_000)
    var events = try poller.poll()
    // The machine may stall longer.
    if events.isEmpty { events = try poller.waitForEvents() }
    #expect(poller.now >= start + 20_000_000)
    #expect(events == [Event(id: timer.id, kind: .timer(expirations: 1))])
    #expect(try poller.wait(atMost: 8, timeout: .milliseconds(30)).isEmpty)
  }

  // T2, T14
  @Test("set to zero or to the past fires at the next wait, and one of centuries never", arguments: kernels)
  func extremes(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let never = try poller.schedule(.next(), at: .max, every: 0)
    let zero = try poller.schedule(after: 0)
    let past = try poller.schedule(.next(), at: 0, every: 0)
    #expect(try Set(poller.poll().map(\.id)) == [zero.id, past.id])
    #expect(try poller.wait(atMost: 8, timeout: .milliseconds(1)).isEmpty)
    #expect(poller.cancel(never))
  }

  // T3, T13
  @Test("says at each cancellation whether it was pending", arguments: kernels)
  func cancelling(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pending = try poller.schedule(after: 1_000_000)
    let fired = try poller.schedule(after: 0)
    #expect(poller.cancel(pending))
    #expect(!poller.cancel(pending))
    #expect(try poller.wait(atMost: 8, timeout: .milliseconds(20)).map(\.id) == [fired.id])
    #expect(!poller.cancel(fired))
    #expect(!poller.cancel(pending))
    #expect(try poller.wait(atMost: 8, timeout: .milliseconds(5)).isEmpty)
  }

  // T4, T5
  @Test("that repeats needs no rearming, does not drift, and counts the periods without a wait")
  func repeating() throws {
    let kernel = SimulatedKernel()
    let poller = try kernel.makePoller()
    let start = poller.now
    let timer = try poller.schedule(after: 10_000_000, every: 10_000_000)
    for tick in 1...5 as ClosedRange<UInt64> {
      #expect(try poller.waitForEvents() == [Event(id: timer.id, kind: .timer(expirations: 1))])
      #expect(poller.now == start + tick * 10_000_000)
    }
    // The process sleeps for 20.5 periods.
    kernel.after(.milliseconds(205)) {}
    let other = try kernel.makePoller()
    _ = try other.wait(atMost: 1, timeout: .milliseconds(205))
    #expect(try poller.poll() == [Event(id: timer.id, kind: .timer(expirations: 20))])
    #expect(try poller.waitForEvents() == [Event(id: timer.id, kind: .timer(expirations: 1))])
    #expect(poller.now == start + 26 * 10_000_000, "the next period should keep its place")
    #expect(poller.cancel(timer))
    #expect(try poller.wait(atMost: 1, timeout: .seconds(1)).isEmpty)
  }

  @Test("fires in the order of deadlines, equal ones in the order in which they were set", arguments: kernels)
  func order(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let base = poller.now
    let deadlines: [UInt64] = [5, 3, 9, 3, 1, 7, 3]
    let timers = try deadlines.map { try poller.schedule(.next(), at: base + $0 * 1_000_000, every: 0) }
    var seen: [Event.ID] = []
    while seen.count < timers.count { seen += try poller.waitForEvents().map(\.id) }
    #expect(seen == [4, 1, 3, 6, 0, 5, 2].map { timers[$0].id })
  }

  // T12
  @Test("comes with descriptors and messages in one wait, and they take turns with room for one", arguments: kernels)
  func turns(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let socket = try poller.register(pair.near, for: .writable, trigger: .level)
    let (sender, receiver) = try poller.makeChannel(of: Int.self)
    let due = try poller.schedule(after: 0)
    #expect(sender.send(1) == nil)
    #expect(try Set(poller.poll().map(\.id)) == [socket, receiver.id, due.id])
    var counts: [Event.ID: Int] = [:]
    for _ in 0..<40 {
      _ = sender.send(2)
      _ = try poller.schedule(due.id, at: 0, every: 0)
      let events = try poller.poll(atMost: 1)
      #expect(events.count == 1)
      counts[events[0].id, default: 0] += 1
      receiver.receiveAll { _ in }
    }
    #expect(counts.count == 3, "\(counts)")
    #expect(counts.values.min()! >= 5, "\(counts)")
  }

  @Test("set by another thread fires for one of the sleeping threads", arguments: [1, 3])
  func manySleepers(_ count: Int) throws {
    let poller = try Poller()
    let heard = Tally()
    let threads = (0..<count).map { number in
      SystemThread.spawn("timed \(number)") {
        var events = EventBuffer()
        while (try? poller.wait(into: &events)) != nil { heard.add(events.count) }
      }
    }
    Sleepers.wait(for: count, named: "timed")
    // A far one first: each next one is a new earliest for the sleepers.
    let far = try poller.registrar.scheduleTimer(after: .seconds(3600))
    for round in 1...20 {
      _ = try poller.registrar.scheduleTimer(after: .milliseconds(round % 3))
      heard.wait(for: round)
    }
    for _ in 0..<10 { _ = try poller.registrar.scheduleTimer(after: .milliseconds(1)) }
    heard.wait(for: 30)
    #expect(poller.registrar.cancel(far))
    poller.close()
    for thread in threads { thread.join() }
    #expect(heard.value == 30, "each should go to one thread")
  }

  // T8
  @Test("counts from the call, however long the poller's thread is busy")
  func countsFromTheCall() throws {
    let kernel = SimulatedKernel()
    let poller = try kernel.makePoller()
    let timer = try poller.schedule(after: 50_000_000)
    let other = try kernel.makePoller()
    _ = try other.wait(atMost: 1, timeout: .milliseconds(100))
    let start = poller.now
    #expect(try poller.waitForEvents().map(\.id) == [timer.id])
    #expect(poller.now == start)
  }

  // T10
  @Test("that repeats without a period is refused")
  func refusesZero() throws {
    let registrar = try Poller().registrar
    let poller = try Poller()
    #expect(throws: PollerError(.invalidArgument)) { _ = try poller.registrar.scheduleTimer(every: .zero) }
    #expect(throws: PollerError(.invalidArgument)) { _ = try poller.registrar.scheduleTimer(every: .seconds(-1)) }
    #expect(throws: PollerError(.closed)) { _ = try registrar.scheduleTimer(after: .seconds(1)) }
  }

  // T1
  @Test("has no descriptor: a million, set and cancelled, open none, and the rest fire")
  func million() async {
    await #expect(processExitsWith: .success) {
      let poller = try Poller()
      let registrar = poller.registrar
      let before = try Descriptors.count()
      let timers = try (0..<1_000_000).map { number in
        try registrar.scheduleTimer(after: number % 10 == 0 ? .milliseconds(1) : .seconds(3600))
      }
      #expect(try Descriptors.count() < before + 50)
      var cancelled = 0
      for (number, timer) in timers.enumerated() where number % 10 > 0 { cancelled += registrar.cancel(timer) ? 1 : 0 }
      #expect(cancelled == 900_000)
      #expect(try count(of: poller, upTo: 100_000) == 100_000)
    }
  }

  // T6, T7
  @Test("fires even if no descriptor is left for the kernel's alarm, and loses no edge of other sources")
  func noDescriptorLeft() async {
    await #expect(processExitsWith: .success) {
      let poller = try Poller()
      let user = try poller.registrar.makeUserEvent()
      let ends = try FileDescriptor.pipe()
      _ = try poller.registrar.register(ends.readEnd, for: .readable, trigger: .edge)
      let heard = Tally()
      let threads = (0..<2).map { number in
        SystemThread.spawn("timed \(number)") {
          var events = EventBuffer()
          while (try? poller.wait(into: &events)) != nil { heard.add(events.count) }
        }
      }
      Sleepers.wait(for: 2, named: "timed")
      var taken: [FileDescriptor] = []
      while let number = try? FileDescriptor.standardError.duplicate() { taken.append(number) }
      for round in 1...10 {
        _ = try poller.registrar.scheduleTimer(after: .milliseconds(5))
        try user.trigger()
        _ = try ends.writeEnd.writeAll([1])
        heard.wait(for: 3 * round)
      }
      #expect(!taken.isEmpty)
      poller.close()
      for thread in threads { thread.join() }
    }
  }

  @Test("is never early, and all of twenty thousand fire")
  func neverEarly() throws {
    let poller = try Poller()
    var deadlines: [Event.ID: Deadline] = [:]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let deadline = Deadline.now + .nanoseconds(Int64.random(in: 0..<200_000_000, using: &random))
      deadlines[try poller.registrar.scheduleTimer(at: deadline).id] = deadline
    }
    var events = EventBuffer(capacity: 64)
    var early = 0
    while !deadlines.isEmpty {
      try poller.wait(into: &events, timeout: .seconds(60))
      let now = Deadline.now
      for index in events.indices {
        if let deadline = deadlines.removeValue(forKey: events[index].id), now < deadline { early += 1 }
      }
    }
    #expect(early == 0)
  }

  @Test("can be set under a reserved id, set again after it fired, and moved")
  func rescheduling() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    let id = registrar.reserveID()
    var events = EventBuffer()
    var timer = try registrar.scheduleTimer(after: .zero, as: id)
    try poller.wait(into: &events, timeout: .seconds(60))
    #expect(events.array.map(\.id) == [id])
    let wasPending = try registrar.reschedule(&timer, after: .seconds(3600))
    #expect(!wasPending, "the timer had fired")
    let isPending = try registrar.reschedule(&timer, after: .zero)
    #expect(isPending)
    try poller.wait(into: &events, timeout: .seconds(60))
    #expect(events.array.map(\.id) == [id])
    #expect(registrar.cancel(timer) == false)
  }

  @Test("owned by a registration is set, fired, set again, and cancelled, as often as needed")
  func owned() throws {
    let poller = try Poller()
    var timer = TimerRegistration(with: poller.registrar)
    var events = EventBuffer()
    for round in 0..<3 {
      let wasPending = try timer.schedule(after: .zero)
      #expect(!wasPending, "round \(round)")
      try poller.wait(into: &events, timeout: .seconds(60))
      #expect(events.array.map(\.id) == [timer.id])
      if round == 1 {
        let isPending = timer.cancel()
        #expect(!isPending, "it had fired")
      }
      let isPending = try timer.schedule(after: .seconds(3600))
      #expect(!isPending, "it had fired")
      let wasMoved = try timer.schedule(after: .zero)
      let isCancelled = timer.cancel()
      #expect(wasMoved && isCancelled)
      try poller.wait(into: &events, timeout: .zero)
      #expect(events.array.isEmpty)
    }
    _ = try timer.schedule(after: .zero)
    _ = consume timer
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty, "its end cancels it")
  }

  @Test("with a tolerance fires with its neighbours, neither early nor too late")
  func tolerance() throws {
    let poller = try Poller()
    let base = Deadline.now
    for offset in 0..<50 {
      _ = try poller.registrar.scheduleTimer(at: base + .microseconds(100 * offset), tolerance: .milliseconds(20))
    }
    var events = EventBuffer()
    var batches = 0
    var count = 0
    while count < 50 {
      try poller.wait(into: &events, timeout: .seconds(60))
      #expect(Deadline.now >= base + .microseconds(100 * count), "a timer fired early")
      batches += 1
      count += events.count
    }
    #expect(batches <= 3, "fifty timers in five milliseconds took \(batches) waits")
  }

  @Test("of a registration starts again when it is set again, and is cancelled when destroyed")
  func registration() throws {
    let poller = try Poller()
    var events = EventBuffer()
    do {
      var idle = TimerRegistration(with: poller.registrar)
      let id = idle.id
      var wasPending = try idle.schedule(after: .milliseconds(1))
      #expect(!wasPending)
      wasPending = try idle.schedule(after: .seconds(3600))
      #expect(wasPending)
      try poller.wait(into: &events, timeout: .milliseconds(20))
      #expect(events.array.isEmpty, "the timer should have started again")
      wasPending = try idle.schedule(every: .milliseconds(1))
      #expect(wasPending)
      for _ in 0..<3 {
        try poller.wait(into: &events, timeout: .seconds(60))
        #expect(events.array.map(\.id) == [id])
      }
      wasPending = idle.cancel()
      #expect(wasPending)
      wasPending = idle.cancel()
      #expect(!wasPending)
      try idle.schedule(after: .milliseconds(1))
    }
    try poller.wait(into: &events, timeout: .milliseconds(20))
    #expect(events.array.isEmpty, "the timer outlived its registration")
  }

  @Test("of an embedded poller makes its descriptor readable", arguments: Trigger.allCases)
  func embedded(_ trigger: Trigger) throws {
    let inner = try Poller(isEmbedded: true)
    let outer = try Poller()
    let id = try outer.registrar.register(inner, for: .readable, trigger: trigger)
    let (sender, receiver) = try inner.registrar.makeChannel(of: Int.self)
    let event = try inner.registrar.makeUserEvent()
    var events = EventBuffer()
    for round in 0..<30 {
      let timer = try inner.registrar.scheduleTimer(after: .milliseconds(round % 3 == 0 ? 2 : 3_600_000))
      if round % 3 == 1 { _ = sender.send(round) }
      if round % 3 == 2 { try event.trigger() }
      try outer.wait(into: &events, timeout: .seconds(60))
      #expect(events.array.map(\.id) == [id], "round \(round)")
      // As documented: until a wait returns nothing.
      var told: [Event.ID] = []
      repeat {
        try inner.wait(into: &events, timeout: .zero)
        told += events.array.map(\.id)
      } while events.count > 0
      #expect(told == [[timer.id, receiver.id, event.id][round % 3]], "round \(round)")
      receiver.receiveAll { _ in }
      inner.registrar.cancel(timer)
      if trigger == .once { try outer.registrar.reregister(inner, as: id, for: .readable, trigger: .once) }
    }
  }
}

/// Waits for that many events, then checks for more, and returns the total.
private func count(of poller: Poller, upTo goal: Int) throws -> Int {
  var events = EventBuffer(capacity: 1000)
  var count = 0
  while count < goal {
    try poller.wait(into: &events, timeout: .seconds(60))
    count += events.count
  }
  try poller.wait(into: &events, timeout: .zero)
  return count + events.count
}
