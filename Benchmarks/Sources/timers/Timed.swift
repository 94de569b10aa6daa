import Amy
import Glibc
import Support

/// Sets many timers and cancels all, a few times; then sets them to fire together.
///
/// It cancels in order, like timeouts of short-lived connections, and at random, which measures the processor's cache. The
/// shortest time counts: the first run obtains memory.
struct Timed {
  private let count: Int

  init(_ count: Int) {
    self.count = count
  }

  func run() throws {
    var random = Random()
    var order = Array(0..<count)
    try run(order, "")
    for position in stride(from: count - 1, to: 0, by: -1) { order.swapAt(position, random.next(below: position + 1)) }
    try run(order, "random_")
    print("memory=\(Usage.peakMemory)")
  }

  private func run(_ order: [Int], _ prefix: String) throws {
    let poller = try Poller()
    let registrar = poller.registrar
    var random = Random()
    let ids = (0..<count).map { _ in registrar.reserveID() }
    let first = try registrar.scheduleTimer(after: .seconds(100))
    var timers = [ScheduledTimer](repeating: first, count: count)
    var times = (set: UInt64.max, cancel: UInt64.max, fire: UInt64.max)
    for _ in 0..<3 {
      let setting = Usage.now
      let now = Deadline.now.nanoseconds
      for index in 0..<count {
        timers[index] = try registrar.scheduleTimer(at: Deadline(nanoseconds: now + random.delay()), as: ids[index])
      }
      times.set = min(times.set, setting.nanosecondsSince)
      let cancelling = Usage.now
      for index in order { registrar.cancel(timers[index]) }
      times.cancel = min(times.cancel, cancelling.nanosecondsSince)
    }
    for _ in 0..<3 { times.fire = min(times.fire, try fire(poller, ids, &random)) }
    let each = Double(count)
    let (set, cancel, fire) = (Double(times.set) / each, Double(times.cancel) / each, Double(times.fire) / each)
    print("\(prefix)both=\(set + cancel) \(prefix)set=\(set) \(prefix)cancel=\(cancel) \(prefix)fire=\(fire)")
  }

  private func fire(_ poller: Poller, _ ids: [Event.ID], _ random: inout Random) throws -> UInt64 {
    let now = Deadline.now.nanoseconds
    for id in ids { _ = try poller.registrar.scheduleTimer(at: Deadline(nanoseconds: now + random.delay() / 1000), as: id) }
    usleep(65_000)
    var events = EventBuffer()
    var fired = 0
    let firing = Usage.now
    while fired < count {
      try poller.wait(into: &events, timeout: .zero)
      fired += events.count
    }
    return firing.nanosecondsSince
  }
}
