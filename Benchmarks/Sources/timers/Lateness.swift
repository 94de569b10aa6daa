import Amy
import Glibc
import Support

/// The lateness of many timers of up to five seconds, by powers of two.
struct Lateness {
  private let count: Int

  init(_ count: Int) {
    self.count = count
  }

  func run() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    var random = Random()
    var deadlines: [UInt64] = []
    deadlines.reserveCapacity(count)
    for number in 0..<count {
      let deadline = Deadline.now + .nanoseconds(random.next(below: 1 << 32) * 5 / 4)
      deadlines.append(deadline.nanoseconds)
      _ = try registrar.scheduleTimer(at: deadline, as: Event.ID(customNumber: UInt64(number)))
    }
    var events = EventBuffer(capacity: 1024)
    var (fired, early) = (0, 0)
    var buckets = [Int](repeating: 0, count: 65)
    while fired < count {
      try poller.wait(into: &events)
      let now = Deadline.now.nanoseconds
      for index in events.indices {
        let deadline = deadlines[Int(events[index].id.customNumber ?? 0)]
        if now < deadline { early += 1 } else { buckets[64 - (now - deadline).leadingZeroBitCount] += 1 }
      }
      fired += events.count
    }
    print("fired=\(fired) early=\(early)")
    for (bits, number) in buckets.enumerated() where number > 0 { print("late, less than \(UInt64(1) << bits) ns: \(number)") }
    if early > 0 { exit(1) }
  }
}
