internal import Amy

/// Channels with a limit and without, with a poller and without, with one sender or several, on threads that come and go: every
/// message comes once, in its sender's order; and user events, which may be merged, and are not lost.
final class ChannelsPart: SoakPart {
  let name = "channels"
  let staff: Staff
  private let counts = Circuit.Counts()
  private let circuits: [Circuit]

  init(_ staff: Staff) throws(PollerError) {
    self.staff = staff
    var circuits: [Circuit] = []
    for number in 0..<3 {
      circuits.append(try Circuit(staff, number, hasPoller: number < 2, counts))
    }
    self.circuits = circuits
  }

  var counters: [Counter] { [counts.channels, counts.received, counts.returned, counts.rung] }

  func start() throws {
    for (number, circuit) in circuits.enumerated() {
      try staff.workers.hire("director \(number + 1)") { (_) throws(PollerError) in try circuit.direct() }
      guard let poller = circuit.poller else {
        // One: of two that receive by themselves nobody could tell the order.
        try staff.workers.hire("receiver") { (_) throws(PollerError) in circuit.receive() }
        continue
      }
      for waiter in 1...2 {
        try staff.waiters.hire("channels \(number + 1).\(waiter)") { (_) throws(PollerError) in
          var dice = Dice(self.staff.seed, "channel waiter", 2 * number + waiter)
          var events = EventBuffer(capacity: waiter)
          while true { try circuit.wait(on: poller, &events, timeout: nil, &dice) }
        }
      }
      try staff.host(Dice(staff.seed, "channel visitors", number)) { (dice) throws(PollerError) in
        var events = EventBuffer(capacity: 4)
        for _ in 0..<dice.roll(1...30) {
          try circuit.wait(on: poller, &events, timeout: dice.duration(upTo: .milliseconds(10)), &dice)
        }
      }
    }
  }

  func inspect(at now: UInt64) {
    for circuit in circuits { circuit.inspect(at: now) }
  }

  var whereabouts: String { "a message or an event that was sent did not come, or there was no room where one had been taken" }

  func close() {
    staff.workers.join()
    for circuit in circuits { circuit.poller?.close() }
    staff.waiters.join()
  }
}
