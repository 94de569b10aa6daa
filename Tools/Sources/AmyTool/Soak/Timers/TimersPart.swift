internal import Amy
internal import AmyThreads

/// Timers of all durations, which some threads set, move and cancel while others get their events: none early, lost, twice, or
/// after its cancellation.
final class TimersPart: SoakPart {
  let name = "timers"
  let workers: Workers
  private let pollers: [Poller]
  private let ledgers: [TimerLedger]
  private let fired = Counter("fired")
  private let made = Counter("set")
  private let moved = Counter("moved")
  private let cancelled = Counter("cancelled")
  private let timed = Counter("timed to the nanosecond")

  init(_ workers: Workers) throws(PollerError) {
    self.workers = workers
    pollers = [try Poller(), try Poller()]
    let fired = fired
    ledgers = pollers.map { _ in TimerLedger("timers", fired, workers.violations) }
  }

  var counters: [Counter] { [made, fired, moved, cancelled, timed] }

  func start() throws {
    for (number, (poller, ledger)) in zip(pollers, ledgers).enumerated() {
      try workers.waiters.start("timers \(number + 1)") { (_) throws(PollerError) in
        var events = EventBuffer(capacity: 1 + 31 * number)
        while true { try self.wait(poller, ledger, &events, timeout: nil) }
      }
      try workers.host(SeededRNG(workers.seed, "timer visitors", number)) { (rng) throws(PollerError) in
        var events = EventBuffer(capacity: rng.roll(1...20))
        for _ in 0..<rng.roll(1...30) {
          try self.wait(poller, ledger, &events, timeout: rng.duration(upTo: .milliseconds(10)))
        }
      }
      try workers.active.start("setter \(number + 1)") { (_) throws(PollerError) in
        var rng = SeededRNG(self.workers.seed, "timers", number)
        try self.work(&rng)
      }
    }
    try workers.active.start("timer checks") { (_) throws(PollerError) in
      let checks = try TimerChecks(self.workers, self.timed)
      try checks.work()
    }
  }

  private func wait(
    _ poller: Poller, _ ledger: TimerLedger, _ events: inout EventBuffer, timeout: Duration?
  ) throws(PollerError) {
    let begin = MonotonicClock.now
    try poller.wait(into: &events, timeout: timeout)
    let now = MonotonicClock.now
    if let timeout, events.isEmpty, now - begin < timeout.wholeNanoseconds {
      violation("a wait of \(timeout) returned after \(now - begin) ns with nothing")
    }
    ledger.take(events, from: begin, to: now)
  }

  func inspect(at now: UInt64) {
    for ledger in ledgers { ledger.inspect(at: now) }
  }

  var whereabouts: String { "the timers that are left do not fire" }

  func close() {
    workers.active.join()
    for poller in pollers { poller.close() }
    workers.waiters.join()
  }

  // Threads that set timers.

  private struct Held {
    var timer: ScheduledTimer
    let place: Int
    let isRepeating: Bool
  }

  private func work(_ rng: inout SeededRNG) throws(PollerError) {
    let sleep = try CheckedSleep(workers.violations)
    var held: [Held] = []
    while !workers.violations.isOver {
      for _ in 0..<rng.roll(1...20) {
        if held.count < 20 || rng.isOne(in: 2), held.count < 200 {
          held.append(try set(&rng))
        } else if rng.isOne(in: 2) {
          try move(&held[rng.roll(0...(held.count - 1))], &rng)
        } else {
          cancel(held.remove(at: rng.roll(0...(held.count - 1))))
        }
      }
      sleep.rest(.microseconds(rng.roll(0...8_000)))
    }
    for one in held { cancel(one) }
    while !ledgers.allSatisfy(\.isEmpty) { sleep.rest(.milliseconds(2)) }
  }

  private func set(_ rng: inout SeededRNG) throws(PollerError) -> Held {
    made.add()
    let place = rng.roll(0...(pollers.count - 1))
    let (registrar, ledger) = (pollers[place].registrar, ledgers[place])
    let id = registrar.reserveID()
    let now = Deadline.now
    if rng.isOne(in: 16) {
      let period = max(.milliseconds(1), rng.duration(upTo: .milliseconds(500)))
      ledger.open(id, every: period.wholeNanoseconds, from: now.nanoseconds)
      return Held(timer: try registrar.scheduleTimer(every: period, as: id), place: place, isRepeating: true)
    }
    let deadline = deadline(after: now, &rng)
    ledger.open(id, due: deadline.nanoseconds)
    let timer =
      switch rng.roll(0...3) {
      // Counted from the call, so not before now.
      case 0 where deadline > now:
        try registrar.scheduleTimer(after: .nanoseconds(Int64(deadline.nanoseconds - now.nanoseconds)), as: id)
      case 1: try registrar.scheduleTimer(at: deadline, as: id, tolerance: rng.duration(upTo: .milliseconds(5)))
      default: try registrar.scheduleTimer(at: deadline, as: id)
      }
    return Held(timer: timer, place: place, isRepeating: false)
  }

  /// Usually soon; sometimes at once, long ago, or in years.
  private func deadline(after now: Deadline, _ rng: inout SeededRNG) -> Deadline {
    switch rng.roll(0...31) {
    case 0: now
    case 1: Deadline(nanoseconds: now.nanoseconds - UInt64(rng.size(upTo: 1_000_000_000)))
    case 2: now + .seconds(Int64(rng.size(upTo: 1_000_000_000)) + 3_600)
    default: now + rng.duration(upTo: .milliseconds(500))
    }
  }

  private func move(_ one: inout Held, _ rng: inout SeededRNG) throws(PollerError) {
    if one.isRepeating { return }
    moved.add()
    let (registrar, ledger) = (pollers[one.place].registrar, ledgers[one.place])
    let deadline = deadline(after: .now, &rng)
    ledger.beginChange(one.timer.id)
    let wasPending = try registrar.reschedule(&one.timer, at: deadline)
    ledger.moved(one.timer.id, to: deadline.nanoseconds, wasPending: wasPending)
  }

  private func cancel(_ one: Held) {
    cancelled.add()
    let ledger = ledgers[one.place]
    ledger.beginChange(one.timer.id)
    let wasPending = pollers[one.place].registrar.cancel(one.timer)
    ledger.cancelled(one.timer.id, wasPending: wasPending, at: MonotonicClock.now)
  }
}
