import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import SystemPackage
import Testing

@Suite("A registration that owns its source")
struct RegistrationTests {
  @Test("removes itself before its source is closed, and closes it")
  func order() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let peer = pair.second
    var events = EventBuffer()
    do {
      let near = pair.first
      _ = try near.write([1])
      let source = Witnessing(stream: near, registrar: poller.registrar)
      let registration = try Registration(source, with: poller.registrar, for: .readable, trigger: .level)
      _ = try peer.write([1])
      try poller.wait(into: &events, timeout: .zero)
      let id = registration.id
      #expect(events.array.map(\.id) == [id])
    }
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty)
    var bytes: [UInt8] = []
    _ = try peer.read(appendingTo: &bytes, atMost: 10)
    #expect(bytes == [1])
    // Closed with a byte unread: that is a reset.
    do throws(PollerError) {
      let result = try peer.read(appendingTo: &bytes, atMost: 10)
      #expect(result == .closed)
    } catch {
      #expect(error.code == .connectionReset)
    }
  }

  @Test("gives its source back, open and no longer registered")
  func givesBack() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let peer = pair.second
    let registration = try Registration(pair.first, with: poller.registrar, for: .readable, trigger: .level)
    let stream = registration.deregister()
    _ = try peer.write([1, 2, 3])
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty)
    var bytes: [UInt8] = []
    let result = try stream.read(appendingTo: &bytes, atMost: 10)
    #expect(result == .bytes(3))
    // Nothing of the old registration is left.
    _ = try poller.registrar.register(stream, for: .readable)
  }

  @Test("keeps its id and its trigger when it is armed")
  func arms() throws {
    let poller = try Poller()
    let id = poller.registrar.reserveID()
    let pair = try UnixStream.pair()
    let peer = pair.second
    let registration = try Registration(pair.first, as: id, with: poller.registrar, for: .none, trigger: .edge)
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty)
    for _ in 0..<2 {
      try registration.arm(for: .writable)
      for expected in [[Event(id: id, kind: .ready(.writable))], []] {
        try poller.wait(into: &events, timeout: .zero)
        #expect(events.array == expected)
      }
    }
    let (armedID, trigger) = (registration.id, registration.trigger)
    #expect(armedID == id)
    #expect(trigger == .edge)
    _ = peer.fileDescriptor
  }

  @Test("that fails leaves nothing behind, and closes its source")
  func failure() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let peer = pair.second
    poller.close()
    let registrar = poller.registrar
    let near = pair.first
    do throws(PollerError) {
      _ = try Registration(near, with: registrar, for: .readable)
      Issue.record("a closed poller accepted a registration")
    } catch {
      #expect(error == PollerError(.closed))
    }
    var bytes: [UInt8] = []
    let result = try peer.read(appendingTo: &bytes, atMost: 1)
    #expect(result == .closed)
  }

  @Test("outlives its poller, and still gives its source back")
  func outlivesPoller() throws {
    let pair = try UnixStream.pair()
    let peer = pair.second
    var poller: Poller? = try Poller()
    let registrar = try #require(poller).registrar
    let registration = try Registration(pair.first, with: registrar, for: .readable)
    poller = nil
    do throws(PollerError) {
      try registration.arm(for: .writable)
      Issue.record("a destroyed poller accepted an arming")
    } catch {
      #expect(error == PollerError(.closed))
    }
    let stream = registration.deregister()
    _ = try peer.write([1])
    var bytes: [UInt8] = []
    let result = try stream.read(appendingTo: &bytes, atMost: 1)
    #expect(result == .bytes(1))
  }

  @Test(
    "can be kept in a table by id, and moved from there to another thread",
    .enabled(if: DescriptorLimit.current.hard >= 256, "needs dozens of descriptors"))
  func inTable() throws {
    let poller = try Poller()
    var table = EventTable<Registration<UnixStream>>()
    var peers: [Event.ID: Int] = [:]
    for number in 0..<10 {
      let pair = try UnixStream.pair()
      let registration = try Registration(pair.first, with: poller.registrar, for: .writable)
      peers[registration.id] = number
      let id = registration.id
      table.insert(registration, for: id)
    }
    var events = EventBuffer()
    try poller.wait(into: &events)
    #expect(events.array.count == 10)
    for index in events.indices {
      let written = try table.withValue(for: events[index].id) { registration throws(PollerError) in
        try registration.arm(for: .none)
        return registration.trigger
      }
      #expect(written == .once)
    }
  }
}

/// Its deinit checks that it is no longer registered.
private struct Witnessing: Pollable, ~Copyable {
  let stream: UnixStream
  let registrar: Registrar
  var fileDescriptor: FileDescriptor { stream.fileDescriptor }

  deinit {
    let (registrar, descriptor) = (registrar, fileDescriptor)
    #expect(throws: PollerError(.notRegistered, errno: .noSuchFileOrDirectory)) {
      try registrar.deregister(descriptor)
    }
  }
}
