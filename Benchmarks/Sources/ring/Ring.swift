import Amy
import Glibc
import SystemPackage

// The ring of libevent's classic benchmark, for counting instructions: 100 socket pairs, around which so many bytes travel
// at a time. Each event reads a byte from its pair and writes one into the next.
//
//     ring once|edge|level READY EVENTS

@main
struct Ring {
  let poller: Poller
  let registrar: Registrar
  let trigger: Trigger
  // Plain memory, as the programs in C have it: the ring is to cost as little as it can.
  let readers: UnsafeMutablePointer<CInt>
  let writers: UnsafeMutablePointer<CInt>
  let byte: UnsafeMutablePointer<UInt8>
  let pairs: Int
  let firstID: UInt64

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let ready = Int(arguments[2]), let events = Int(arguments[3]),
      let trigger = ["once": Trigger.once, "edge": .edge, "level": .level][arguments[1]]
    else {
      print("usage: ring once|edge|level READY EVENTS")
      exit(64)
    }
    let ring = try Ring(pairs: 100, trigger: trigger)
    for slot in 0..<ready { ring.write(to: slot) }
    if trigger == .once {
      try ring.runOnce(events: events)
    } else {
      try ring.run(events: events)
    }
  }

  init(pairs: Int, trigger: Trigger) throws {
    poller = try Poller()
    registrar = poller.registrar
    self.trigger = trigger
    self.pairs = pairs
    byte = .allocate(capacity: 1)
    byte.initialize(to: 0)
    readers = .allocate(capacity: pairs)
    writers = .allocate(capacity: pairs)
    firstID = registrar.reserveID().rawValue + 1
    let ends = UnsafeMutablePointer<CInt>.allocate(capacity: 2)
    defer { ends.deallocate() }
    for slot in 0..<pairs {
      guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, ends) == 0 else { throw Errno(rawValue: errno) }
      readers[slot] = ends[0]
      writers[slot] = ends[1]
      _ = try registrar.register(FileDescriptor(rawValue: ends[0]), for: .readable, trigger: trigger)
    }
  }

  func run(events count: Int) throws {
    var events = EventBuffer()
    var remaining = count
    while remaining > 0 {
      try poller.wait(into: &events)
      remaining &-= events.count
      for index in events.indices where events[index].readiness.contains(.readable) {
        pass(slot(of: events[index]))
      }
    }
  }

  func runOnce(events count: Int) throws {
    var events = EventBuffer()
    var remaining = count
    while remaining > 0 {
      try poller.wait(into: &events)
      remaining &-= events.count
      for index in events.indices where events[index].readiness.contains(.readable) {
        let event = events[index]
        let slot = slot(of: event)
        pass(slot)
        try registrar.reregister(FileDescriptor(rawValue: readers[slot]), as: event.id, for: .readable, trigger: .once)
      }
    }
  }

  @inline(__always)
  func slot(of event: Event) -> Int {
    Int(truncatingIfNeeded: event.id.rawValue &- firstID)
  }

  @inline(__always)
  func pass(_ slot: Int) {
    read(readers[slot], byte, 1)
    write(to: slot &+ 1 == pairs ? 0 : slot &+ 1)
  }

  @inline(__always)
  func write(to slot: Int) {
    Glibc.write(writers[slot], byte, 1)
  }
}
