import Amy
import Support

/// A constant number of pending timers: each that ends is replaced.
struct Lives {
  private let poller: Poller
  private let registrar: Registrar
  private let standing: Int
  private let ids: UnsafeMutablePointer<Event.ID>
  private let timers: UnsafeMutablePointer<ScheduledTimer>
  private var random = Random()
  private var now = Deadline.now.nanoseconds
  private var fired = 0

  init(standing: Int) throws {
    poller = try Poller()
    registrar = poller.registrar
    self.standing = standing
    ids = .allocate(capacity: standing)
    timers = .allocate(capacity: standing)
    for slot in 0..<standing {
      (ids + slot).initialize(to: Event.ID(customNumber: UInt64(slot)) ?? registrar.reserveID())
      (timers + slot).initialize(
        to: try registrar.scheduleTimer(at: Deadline(nanoseconds: now + random.delay()), as: ids[slot]))
    }
  }

  /// Ends that many timers, and sets as many.
  mutating func run(_ lives: Int, takingDelays: Bool) throws {
    guard let clock = VirtualClock() else { Timers.usage() }
    var events = EventBuffer()
    for _ in 0..<lives / 100 {
      for _ in 0..<90 {
        let slot = random.next(below: standing)
        registrar.cancel(timers[slot])
        try set(slot, takingDelays)
      }
      advance(clock)
      try poller.wait(into: &events, timeout: .zero)
      fired += events.count
      // All ids have a slot in the low bits.
      for index in events.indices { try set(Int(UInt32(truncatingIfNeeded: events[index].id.rawValue)), takingDelays) }
    }
    print("fired=\(fired)")
  }

  /// The program's own cost, without timers, to be subtracted.
  mutating func runWithoutTimers(_ lives: Int) throws {
    guard let clock = VirtualClock() else { Timers.usage() }
    var sum: UInt64 = 0
    for _ in 0..<lives / 100 {
      for number in 0..<100 {
        let slot = number < 90 ? random.next(below: standing) : number
        sum &+= ids[slot].rawValue ^ (now &+ random.delay())
      }
      advance(clock)
    }
    print("sum=\(sum)")
  }

  /// Advances until ten timers of a hundred are due, after a while.
  private mutating func advance(_ clock: VirtualClock) {
    let step = 616_000_000_000 / UInt64(standing)
    clock.advance(by: step)
    now &+= step
  }

  @inline(__always)
  private mutating func set(_ slot: Int, _ takingDelays: Bool) throws {
    let delay = random.delay()
    timers[slot] =
      takingDelays
      ? try registrar.scheduleTimer(after: .nanoseconds(Int64(truncatingIfNeeded: delay)), as: ids[slot])
      : try registrar.scheduleTimer(at: Deadline(nanoseconds: now &+ delay), as: ids[slot])
  }
}
