import Amy
import CSupport
import Glibc
import Support
import SystemPackage

// The ring of libevent's classic benchmark: READY bytes at a time travel around N socket pairs or eventfds. Each event reads
// from one and writes to the next.
//
//     ring once|edge|level pairs|eventfds N READY EVENTS [timer]
//
// With "timer" one timer is always pending, an hour ahead, as for idle timeouts.

@main
struct Ring {
  let poller: Poller
  let registrar: Registrar
  let trigger: Trigger
  // Plain memory, as in C: the ring should cost as little as possible.
  let readers: UnsafeMutablePointer<CInt>
  let writers: UnsafeMutablePointer<CInt>
  let width: Int
  let count: Int
  /// The first slot's id; the others follow.
  let firstID: UInt64

  static func main() throws {
    let arguments = CommandLine.arguments
    let parameters = numbers(from: 3)
    guard (6...7).contains(arguments.count), parameters.count == 3, ["pairs", "eventfds"].contains(arguments[2]),
      let trigger = ["once": Trigger.once, "edge": .edge, "level": .level][arguments[1]]
    else { endWithUsage("ring once|edge|level pairs|eventfds N READY EVENTS [timer]") }
    let (count, ready, events) = (parameters[0], parameters[1], parameters[2])
    raiseDescriptorLimit()
    let ring = try Ring(count, ofEventDescriptors: arguments[2] == "eventfds", trigger: trigger)
    if arguments.last == "timer" { _ = try ring.registrar.scheduleTimer(after: .seconds(3600)) }
    var one: UInt64 = 1
    for number in 0..<ready { write(ring.writers[number * count / ready], &one, ring.width) }
    let start = Usage.now
    if trigger == .once {
      try ring.runOnce(events: events)
    } else {
      try ring.run(events: events)
    }
    start.printSince(operations: events)
  }

  init(_ count: Int, ofEventDescriptors: Bool, trigger: Trigger) throws {
    poller = try Poller()
    registrar = poller.registrar
    self.trigger = trigger
    self.count = count
    width = ofEventDescriptors ? 8 : 1
    readers = .allocate(capacity: count)
    writers = .allocate(capacity: count)
    firstID = Event.ID(customNumber: 0)?.rawValue ?? 0
    let ends = UnsafeMutablePointer<CInt>.allocate(capacity: 2)
    defer { ends.deallocate() }
    for slot in 0..<count {
      if ofEventDescriptors {
        ends[0] = eventfd(0, CInt(EFD_NONBLOCK))
        ends[1] = ends[0]
      } else {
        ends[0] = -1
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, ends)
      }
      guard ends[0] >= 0 else { throw Errno(rawValue: errno) }
      readers[slot] = ends[0]
      writers[slot] = ends[1]
      guard let id = Event.ID(customNumber: UInt64(slot)) else { continue }
      try registrar.register(FileDescriptor(rawValue: ends[0]), as: id, for: .readable, trigger: trigger)
    }
  }

  // Not in the setup code, where registers are scarce.
  @inline(never)
  func run(events count: Int) throws {
    var events = EventBuffer()
    var word: UInt64 = 0
    var remaining = count
    repeat {
      try poller.wait(into: &events)
      for index in events.indices where events[index].readiness.contains(.readable) {
        remaining &-= 1
        pass(slot(of: events[index]), over: &word)
      }
    } while remaining > 0
  }

  // Registers are even scarcer: count events per wait.
  @inline(never)
  func runOnce(events count: Int) throws {
    var events = EventBuffer()
    var word: UInt64 = 0
    var remaining = count
    repeat {
      try poller.wait(into: &events)
      remaining &-= events.count
      for index in events.indices where events[index].readiness.contains(.readable) {
        let event = events[index]
        let slot = slot(of: event)
        pass(slot, over: &word)
        try registrar.reregister(FileDescriptor(rawValue: readers[slot]), as: event.id, for: .readable, trigger: .once)
      }
    } while remaining > 0
  }

  @inline(__always)
  func slot(of event: Event) -> Int {
    let number = event.id.rawValue
    return Int(truncatingIfNeeded: number &- firstID)
  }

  @inline(__always)
  func pass(_ slot: Int, over word: inout UInt64) {
    read(readers[slot], &word, width)
    write(writers[slot &+ 1 == count ? 0 : slot &+ 1], &word, width)
  }
}
