import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Synchronization

import SystemPackage
import Testing

/// Many threads at once: each test waits for a known number of events, not for a time.
@Suite(
  "Under load from many threads", .enabled(if: DescriptorLimit.current.soft >= 256, "needs hundreds of descriptors"),
  .timeLimit(.minutes(10)))
struct StressTests {
  @Test("30,000 registrations, reregistrations and deregistrations lose no event and deliver none twice")
  func registering() throws {
    let (registering, waiting, rounds) = (4, 3, 7_500)
    let poller = try Poller()
    let registrar = poller.registrar
    let seen = Seen()

    let waiters = (0..<waiting).map { number in
      SystemThread.spawn("waiter \(number)") {
        var events = EventBuffer(capacity: 16)
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices { seen.insert(events[index].id) }
        }
      }
    }
    let registrars = (0..<registering).map { number in
      SystemThread.spawn("registrar \(number)") { () throws(PollerError) -> Int in
        let pair = try UnixStream.pair()
        let near = pair.first
        let far = pair.second
        _ = try far.write([1])
        for _ in 0..<rounds {
          // Each id makes two events: for reading when registered, for writing when reregistered.
          let id = registrar.reserveID()
          try registrar.register(near, as: id, for: .readable)
          seen.wait(for: id, count: 1)
          try registrar.reregister(near, as: id, for: .writable, trigger: .once)
          seen.wait(for: id, count: 2)
          try registrar.deregister(near)
        }
        return rounds
      }
    }
    var total = 0
    for thread in registrars { total += try thread.join() }
    poller.close()
    for waiter in waiters { waiter.join() }
    #expect(total == registering * rounds)
    #expect(seen.excess == 0, "an event was delivered twice")
    #expect(seen.total == 2 * total)
  }

  @Test("once gives a socket one owner at a time, however many wait, and loses none of its bytes")
  func ownership() throws {
    let (sockets, waiting, messages) = (16, 3, 20_000)
    let poller = try Poller()
    let registrar = poller.registrar
    let connections = try (0..<sockets).map { _ in try Owned() }
    var byID: [Event.ID: Owned] = [:]
    for connection in connections { byID[connection.id] = connection }
    let table = byID
    let received = Tally()
    let stolen = Tally()
    let waiters = (0..<waiting).map { number in
      SystemThread.spawn("owner \(number)") {
        var events = EventBuffer(capacity: 4)
        var bytes: [UInt8] = []
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices {
            guard let connection = table[events[index].id] else { continue }
            if !connection.enter() { stolen.add(1) }
            bytes.removeAll(keepingCapacity: true)
            // One read: remaining bytes make the next event, perhaps on another thread.
            if case .bytes(let count)? = try? connection.near.read(appendingTo: &bytes, atMost: 64) {
              received.add(count)
            }
            connection.leave()
            try? registrar.reregister(
              connection.near, as: connection.id, for: [.readable], trigger: .once)
          }
        }
      }
    }
    for connection in connections {
      try registrar.register(connection.near, as: connection.id, for: .readable)
    }
    let senders = (0..<2).map { number in
      SystemThread.spawn("sender \(number)") {
        for message in 0..<(messages / 2) {
          let connection = connections[(message + number) % sockets]
          while case .wouldBlock? = try? connection.far.write([1]) {}
        }
      }
    }
    for sender in senders { sender.join() }
    received.wait(for: messages)
    poller.close()
    for waiter in waiters { waiter.join() }
    #expect(stolen.value == 0)
    #expect(received.value == messages)
  }

  @Test("hundreds of sources deregistered while their batch is processed are not reported again")
  func deregisteringInABatch() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    var table = EventTable<Registration<UnixStream>>()
    var peers: [FileDescriptor] = []
    defer { for peer in peers { try? peer.close() } }
    for _ in 0..<400 {
      let pair = try UnixStream.pair()
      peers.append(pair.second.release())
      let registration = try Registration(pair.first, with: registrar, for: .writable, trigger: .level)
      let id = registration.id
      table.insert(registration, for: id)
    }
    var events = EventBuffer(capacity: 100)
    var seen: Set<Event.ID> = []
    while !table.isEmpty {
      try poller.wait(into: &events, timeout: .seconds(30))
      let batch = events.array
      #expect(!batch.isEmpty)
      for event in batch {
        #expect(seen.insert(event.id).inserted, "an event came after its source was deregistered")
        table.removeValue(for: event.id)
      }
    }
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty)
  }

  @Test("a burst of a hundred connections in any order is all accepted and answered")
  func burst() throws {
    let poller = try Poller()
    let listener = try TCPListener(bindingTo: .loopback(port: 0), backlog: 128)
    let endpoint = try listener.localEndpoint
    let door = try poller.registrar.register(listener, for: .readable, trigger: .level)
    let clients = (0..<4).map { number in
      SystemThread.spawn("clients \(number)") { () throws(PollerError) -> Int in
        let poller = try Poller()
        var table = EventTable<Registration<TCPStream>>()
        for _ in 0..<25 {
          let stream = try TCPStream(connectingTo: endpoint)
          let registration = try Registration(stream, with: poller.registrar, for: .readable)
          let id = registration.id
          table.insert(registration, for: id)
        }
        var answered = 0
        var events = EventBuffer()
        var bytes: [UInt8] = []
        while answered < 25 {
          try poller.wait(into: &events, timeout: .seconds(60))
          if events.isEmpty { return answered }
          for index in events.indices {
            guard let registration = table.removeValue(for: events[index].id) else { continue }
            _ = try registration.source.read(appendingTo: &bytes, atMost: 1)
            answered += 1
          }
        }
        return answered
      }
    }
    var accepted = 0
    var events = EventBuffer()
    while accepted < 100 {
      try poller.wait(into: &events, timeout: .seconds(60))
      #expect(events.array.map(\.id) == [door])
      if events.isEmpty { break }
      while case .accepted(let stream, _) = try listener.accept() {
        _ = try stream.write([42])
        accepted += 1
      }
    }
    for client in clients { #expect(try client.join() == 25) }
  }
}

/// How often each id was seen, for threads to wait.
private final class Seen: Sendable {
  private let counts = Monitor<[Event.ID: Int]>([:])

  func insert(_ id: Event.ID) {
    counts.withLock { $0[id, default: 0] += 1 }
    counts.notifyAll()
  }

  func wait(for id: Event.ID, count: Int) {
    let _: Bool = counts.wait { ($0[id] ?? 0) >= count ? true : nil }
  }

  var excess: Int { counts.withLock { $0.values.filter { $0 > 2 }.count } }
  var total: Int { counts.withLock { $0.values.reduce(0, +) } }
}

/// A pair of sockets with one end for one owner at a time.
private final class Owned: Sendable {
  let id = Event.ID.next()
  let near: UnixStream
  let far: UnixStream
  private let owners = Atomic(0)

  init() throws(PollerError) {
    let pair = try UnixStream.pair()
    near = pair.first
    far = pair.second
  }

  /// Takes the ownership, and returns whether it was free.
  func enter() -> Bool { owners.add(1, ordering: .acquiringAndReleasing).oldValue == 0 }
  func leave() { owners.subtract(1, ordering: .acquiringAndReleasing) }
}
