internal import Amy

/// Channels, bounded or not, with a poller or not, and senders on threads that come and go: every message arrives once, in its
/// sender's order.
///
/// User events may be merged, but are not lost.
final class ChannelsPart: SoakPart {
  let name = "channels"
  let workers: Workers
  private let counts = ChannelScenario.Counts()
  private let circuits: [ChannelScenario]

  init(_ workers: Workers) throws(PollerError) {
    self.workers = workers
    var circuits: [ChannelScenario] = []
    for number in 0..<3 {
      circuits.append(try ChannelScenario(workers, number, hasPoller: number < 2, counts))
    }
    self.circuits = circuits
  }

  var counters: [Counter] { [counts.channels, counts.received, counts.returned, counts.rung] }

  func start() throws {
    for (number, scenario) in circuits.enumerated() {
      try workers.active.start("director \(number + 1)") { (_) throws(PollerError) in try scenario.direct() }
      guard let poller = scenario.poller else {
        // Two receivers would leave the order unknown.
        try workers.active.start("receiver") { (_) throws(PollerError) in scenario.receive() }
        continue
      }
      for waiter in 1...2 {
        try workers.waiters.start("channels \(number + 1).\(waiter)") { (_) throws(PollerError) in
          var rng = SeededRNG(self.workers.seed, "channel waiter", 2 * number + waiter)
          var events = EventBuffer(capacity: waiter)
          while true { try scenario.wait(on: poller, &events, timeout: nil, &rng) }
        }
      }
      try workers.host(SeededRNG(workers.seed, "channel visitors", number)) { (rng) throws(PollerError) in
        var events = EventBuffer(capacity: 4)
        for _ in 0..<rng.roll(1...30) {
          try scenario.wait(on: poller, &events, timeout: rng.duration(upTo: .milliseconds(10)), &rng)
        }
      }
    }
  }

  func inspect(at now: UInt64) {
    for scenario in circuits { scenario.inspect(at: now) }
  }

  var whereabouts: String { "a message or an event did not arrive, or there was no room after one had been taken" }

  func close() {
    workers.active.join()
    for scenario in circuits { scenario.poller?.close() }
    workers.waiters.join()
  }
}
