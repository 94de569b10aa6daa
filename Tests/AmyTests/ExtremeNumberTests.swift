import Amy
import AmySockets
import AmyTestSupport
import SystemPackage
import Testing

/// Tests every public number of the core with its extremes; `TidyTests` reports one without a row here.
@Suite("An extreme number", .timeLimit(.minutes(10)))
struct ExtremeNumberTests {
  @Test("in the core is accepted, clamped, or refused with a typed error")
  func core() async {
    // In its own process, where no thread holds a lock at the forks.
    await #expect(processExitsWith: .success) {
      tell(waits())
      tell(timers())
      tell(channels())
      tell(values())
    }
  }
}

private func waits() -> [String] {
  sweep("Poller wait(into:timeout:) timeout", Extremes.durations) { timeout in
    let poller = try Poller()
    var events = EventBuffer()
    try poller.wake()
    try poller.wait(into: &events, timeout: timeout)
  }
    + sweep("Poller wait(into:timeout:spinning:) timeout", Extremes.durations) { timeout in
      let poller = try Poller()
      var events = EventBuffer()
      try poller.wake()
      try poller.wait(into: &events, timeout: timeout, spinning: .nanoseconds(1))
    }
    + sweep("Poller wait(into:timeout:spinning:) spinning", Extremes.durations) { spinning in
      let poller = try Poller()
      var events = EventBuffer()
      try poller.wake()
      try poller.wait(into: &events, timeout: .seconds(20), spinning: spinning)
    }
    + sweep("Receiver receive(timeout:spinning:) timeout", Extremes.durations) { timeout in
      let (sender, receiver) = try makeChannel(of: Int.self)
      _ = sender.send(1)
      guard case .message = receiver.receive(timeout: timeout) else { preconditionFailure("the message was not received") }
    }
    + sweep("Receiver receive(timeout:spinning:) spinning", Extremes.durations) { spinning in
      let (sender, receiver) = try makeChannel(of: Int.self)
      _ = sender.send(1)
      _ = receiver.receive(timeout: .seconds(20), spinning: spinning)
      _ = receiver.receive(timeout: .zero, spinning: min(spinning, .seconds(1)))
    }
    + sweep("descriptors", Extremes.numbers(CInt.self).filter { !(0...2).contains($0) }) { number in
      let poller = try Poller()
      let descriptor = FileDescriptor(rawValue: number)
      let id = poller.registrar.reserveID()
      for interest: Interest in [.none, .readable] {
        try? poller.registrar.register(descriptor, as: id, for: interest)
        try? poller.registrar.reregister(descriptor, as: id, for: interest, trigger: .edge)
        try? poller.registrar.deregister(descriptor)
      }
    }
}

private func timers() -> [String] {
  func schedule(_ body: (Registrar) throws -> Void) throws {
    let poller = try Poller()
    try body(poller.registrar)
    var events = EventBuffer()
    for _ in 0..<2 { try poller.wait(into: &events, timeout: .nanoseconds(1)) }
  }
  let deadlines = Extremes.numbers(UInt64.self).map { Deadline(nanoseconds: $0) }
  let durations = Extremes.durations
  return sweep("Registrar+Timers scheduleTimer(after:as:tolerance:) after", durations) { delay in
    try schedule { _ = try $0.scheduleTimer(after: delay) }
  }
    + sweep("Registrar+Timers scheduleTimer(after:as:tolerance:) tolerance", durations) { tolerance in
      for delay in durations { try schedule { _ = try $0.scheduleTimer(after: delay, tolerance: tolerance) } }
    }
    + sweep("Registrar+Timers scheduleTimer(at:as:tolerance:) at", deadlines) { deadline in
      try schedule { _ = try $0.scheduleTimer(at: deadline) }
    }
    + sweep("Registrar+Timers scheduleTimer(at:as:tolerance:) tolerance", durations) { tolerance in
      for deadline in deadlines { try schedule { _ = try $0.scheduleTimer(at: deadline, tolerance: tolerance) } }
    }
    + sweep("Registrar+Timers scheduleTimer(every:as:tolerance:) every", durations) { period in
      try schedule { _ = try $0.scheduleTimer(every: period) }
    }
    + sweep("Registrar+Timers scheduleTimer(every:as:tolerance:) tolerance", durations) { tolerance in
      for period in durations where period > .zero {
        try schedule { _ = try $0.scheduleTimer(every: period, tolerance: tolerance) }
      }
    }
    + sweep("Registrar+Timers reschedule(_:after:tolerance:) after", durations) { delay in
      try schedule { registrar in
        var timer = try registrar.scheduleTimer(after: .seconds(1))
        try registrar.reschedule(&timer, after: delay)
      }
    }
    + sweep("Registrar+Timers reschedule(_:after:tolerance:) tolerance", durations) { tolerance in
      try schedule { registrar in
        var timer = try registrar.scheduleTimer(after: .seconds(1))
        for delay in durations { try registrar.reschedule(&timer, after: delay, tolerance: tolerance) }
      }
    }
    + sweep("Registrar+Timers reschedule(_:at:tolerance:) at", deadlines) { deadline in
      try schedule { registrar in
        var timer = try registrar.scheduleTimer(after: .seconds(1))
        try registrar.reschedule(&timer, at: deadline)
      }
    }
    + sweep("Registrar+Timers reschedule(_:at:tolerance:) tolerance", durations) { tolerance in
      try schedule { registrar in
        var timer = try registrar.scheduleTimer(after: .seconds(1))
        for deadline in deadlines { try registrar.reschedule(&timer, at: deadline, tolerance: tolerance) }
      }
    }
    + timerRegistrations(schedule, deadlines)
}

private func timerRegistrations(
  _ schedule: ((Registrar) throws -> Void) throws -> Void, _ deadlines: [Deadline]
) -> [String] {
  let durations = Extremes.durations
  return withoutActuallyEscaping(schedule) { schedule in
    sweep("TimerRegistration schedule(after:tolerance:) after", durations) { delay in
      try schedule { registrar in
        var timer = TimerRegistration(with: registrar)
        try timer.schedule(after: delay)
      }
    }
      + sweep("TimerRegistration schedule(after:tolerance:) tolerance", durations) { tolerance in
        try schedule { registrar in
          var timer = TimerRegistration(with: registrar)
          for delay in durations { try timer.schedule(after: delay, tolerance: tolerance) }
        }
      }
      + sweep("TimerRegistration schedule(at:tolerance:) at", deadlines) { deadline in
        try schedule { registrar in
          var timer = TimerRegistration(with: registrar)
          try timer.schedule(at: deadline)
        }
      }
      + sweep("TimerRegistration schedule(at:tolerance:) tolerance", durations) { tolerance in
        try schedule { registrar in
          var timer = TimerRegistration(with: registrar)
          for deadline in deadlines { try timer.schedule(at: deadline, tolerance: tolerance) }
        }
      }
      + sweep("TimerRegistration schedule(every:tolerance:) every", durations) { period in
        try schedule { registrar in
          var timer = TimerRegistration(with: registrar)
          try timer.schedule(every: period)
        }
      }
      + sweep("TimerRegistration schedule(every:tolerance:) tolerance", durations) { tolerance in
        try schedule { registrar in
          var timer = TimerRegistration(with: registrar)
          for period in durations where period > .zero { try timer.schedule(every: period, tolerance: tolerance) }
        }
      }
  }
}

private func channels() -> [String] {
  sweep("Registrar+Channels makeChannel(of:capacity:as:) capacity", Extremes.integers) { capacity in
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self, capacity: capacity)
    for number in 0..<4 { _ = sender.trySend(number) }
    receiver.receiveAll { _ in }
  }
    + sweep("Registrar+Channels makeChannel(of:capacity:) capacity", Extremes.integers) { capacity in
      let (sender, receiver) = try makeChannel(of: Int.self, capacity: capacity)
      for number in 0..<4 { _ = sender.trySend(number) }
      receiver.receiveAll { _ in }
    }
    + sweep("BoundedSender send(_:until:) until", Extremes.numbers(UInt64.self)) { nanoseconds in
      let (sender, receiver) = try makeChannel(of: Int.self, capacity: 1)
      _ = sender.send(1, until: Deadline(nanoseconds: nanoseconds))
      // Until a far deadline a send would not return.
      if nanoseconds < 1 << 32 { _ = sender.send(2, until: Deadline(nanoseconds: nanoseconds)) }
      withExtendedLifetime(receiver) {}
    }
}

private func values() -> [String] {
  sweep("EventBuffer init(capacity:) capacity", Extremes.integers) { capacity in
    let poller = try Poller()
    var events = EventBuffer(capacity: capacity)
    try poller.wait(into: &events, timeout: .zero)
  }
    + sweep("EventTable init(minimumCapacity:) minimumCapacity", Extremes.integers) { capacity in
      var table = EventTable<[UInt8]>(minimumCapacity: capacity)
      for _ in 0..<8 { table.insert([1], for: .next()) }
    }
    + sweep("EventID init?(customNumber:) customNumber", Extremes.numbers(UInt64.self)) { number in
      guard let id = Event.ID(customNumber: number) else { return }
      precondition(id.customNumber == number && Event.ID(rawValue: id.rawValue) == id)
    }
    + sweep("EventID init?(rawValue:) rawValue", Extremes.numbers(UInt64.self)) { number in
      guard let id = Event.ID(rawValue: number) else { return }
      let poller = try Poller()
      let (_, receiver) = try poller.registrar.makeChannel(of: Int.self, as: id)
      withExtendedLifetime(receiver) {}
      let pair = try UnixStream.pair()
      try poller.registrar.register(pair.first, as: id, for: .writable)
      var events = EventBuffer()
      try poller.wait(into: &events, timeout: .zero)
      precondition(events.indices.contains { events[$0].id == id })
    }
    + sweep("Deadline init(nanoseconds:) nanoseconds", Extremes.numbers(UInt64.self)) { nanoseconds in
      precondition(Deadline(nanoseconds: nanoseconds).nanoseconds == nanoseconds)
    }
    + sweep("Deadline +(_:_:) _", Extremes.durations) { duration in
      for nanoseconds in Extremes.numbers(UInt64.self) {
        let deadline = Deadline(nanoseconds: nanoseconds)
        precondition(deadline + duration >= deadline && !(deadline + duration < deadline))
      }
    }
    + sweep("Deadline <(_:_:) _", Extremes.numbers(UInt64.self)) { nanoseconds in
      precondition(!(Deadline(nanoseconds: nanoseconds) < Deadline(nanoseconds: nanoseconds)))
    }
    + sweep("Interest init(rawValue:) rawValue", Extremes.numbers(UInt8.self)) { bits in
      let pair = try UnixStream.pair()
      let poller = try Poller()
      _ = try poller.registrar.register(pair.first, for: Interest(rawValue: bits))
      _ = Interest(rawValue: bits).description
    }
    + sweep("Readiness init(rawValue:) rawValue", Extremes.numbers(UInt8.self)) { bits in
      _ = Event(id: .next(), kind: .ready(Readiness(rawValue: bits))).description
    }
    + sweep("Signals init(rawValue:) rawValue", Extremes.numbers(UInt64.self)) { bits in
      let signals = Signals(rawValue: bits)
      signals.block()
      let poller = try Poller()
      let registration = try SignalRegistration(signals, with: poller.registrar)
      _ = (signals.description, registration.id)
    }
    + sweep("Signals init(number:) number", Extremes.numbers(Int32.self)) { number in
      let signals = Signals(number: number)
      signals.block()
      let poller = try Poller()
      let registration = try SignalRegistration(signals, with: poller.registrar)
      _ = (signals.description, registration.id)
    }
    + sweep("ProcessRegistration init(of:as:with:) of", Extremes.numbers(Int32.self)) { number in
      let poller = try Poller()
      let registration = try ProcessRegistration(of: number, with: poller.registrar)
      _ = try registration.status()
    }
}

/// Reports the values that broke a call: only the comment of a child's issue comes through.
private func tell(_ broken: [String]) {
  #expect(broken.isEmpty, "\(broken)")
}
