internal import Amy
internal import AmyThreads

/// Signals and children that some threads make, replace and drop while others wait, among foreign descriptors with the freed
/// numbers.
///
/// Each signal and end is reported as itself, and foreign descriptors stay untouched.
final class SignalsPart: SoakPart {
  /// Those sent: block them before the first thread starts.
  static let signals = sets.reduce(into: Signals()) { $0.formUnion($1.signals) }

  private static let sets = [
    SignalSet([.user1, Signals(number: 40), Signals(number: 41), Signals(number: 42)]),
    SignalSet([.user2, Signals(number: 43), Signals(number: 44), Signals(number: 45)]),
  ]

  let name = "signals"
  let workers: Workers
  private let pollers: [Poller]
  private let ledger: SourceLedger
  private let sent = Counter("sent")
  private let told = Counter("told")
  private let children = Counter("children")
  private let strangers = Counter("strangers")

  init(_ workers: Workers) throws(PollerError) {
    self.workers = workers
    pollers = [try Poller(), try Poller()]
    ledger = SourceLedger("signals", workers.violations, sent: sent, told: told)
  }

  var counters: [Counter] { [sent, told, children, strangers] }

  func start() throws {
    for (number, poller) in pollers.enumerated() {
      // A single waiter shows if it is held up.
      for waiter in 0...number {
        try workers.waiters.start("signals \(number + 1).\(waiter + 1)") { (_) throws(PollerError) in
          var events = EventBuffer(capacity: 2 + 14 * waiter)
          while true { try self.wait(poller, &events, timeout: nil) }
        }
      }
      try workers.active.start("raiser \(number + 1)") { (_) throws(PollerError) in
        var raiser = Raiser(
          Self.sets[number], SeededRNG(self.workers.seed, "raiser", number), self.passerby(poller, "by signals", number),
          self.ledger)
        try raiser.work(try CheckedSleep(self.workers.violations))
      }
      try workers.active.start("parent \(number + 1)") { (_) throws(PollerError) in
        var parent = Parent(
          SeededRNG(self.workers.seed, "parent", number), self.passerby(poller, "by children", number), self.ledger,
          self.children)
        try parent.work(try CheckedSleep(self.workers.violations))
      }
    }
    try workers.host(SeededRNG(workers.seed, "signal visitors")) { (rng) throws(PollerError) in
      var events = EventBuffer(capacity: rng.roll(1...8))
      for _ in 0..<rng.roll(1...30) {
        try self.wait(self.pollers[1], &events, timeout: rng.duration(upTo: .milliseconds(10)))
      }
    }
  }

  private func passerby(_ poller: Poller, _ name: String, _ number: Int) -> Passerby {
    Passerby(poller.registrar, SeededRNG(workers.seed, name, number), ledger, strangers)
  }

  private func wait(_ poller: Poller, _ events: inout EventBuffer, timeout: Duration?) throws(PollerError) {
    try poller.wait(into: &events, timeout: timeout)
    for index in events.indices { ledger.hear(events[index]) }
  }

  func inspect(at now: UInt64) {
    ledger.inspect(at: now)
  }

  var whereabouts: String { "a signal or a child's end is not reported" }

  func close() {
    workers.active.join()
    for poller in pollers { poller.close() }
    workers.waiters.join()
    // Signals without a registration must not reach the next soak.
    for number in Self.sets.flatMap(\.numbers) { ProcessProbe.forget(number) }
  }
}

/// Signals that one thread sends.
struct SignalSet: Sendable {
  let signals: Signals
  let numbers: [Int32]

  init(_ each: [Signals]) {
    signals = each.reduce(into: Signals()) { $0.formUnion($1) }
    numbers = each.map { Int32($0.rawValue.trailingZeroBitCount) + 1 }
  }
}
