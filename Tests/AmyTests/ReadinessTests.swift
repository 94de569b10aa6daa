import Amy
import AmySockets
import AmyTestSupport
import CAmyTestSupport
import SystemPackage
import Testing

/// The readiness of the system's sockets and pipes.
@Suite("Readiness", .timeLimit(.minutes(10)))
struct ReadinessTests {
  let poller: Poller
  let registrar: Registrar

  init() throws {
    poller = try Poller()
    registrar = poller.registrar
  }

  private func next() throws -> [Event.Kind] {
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .seconds(30))
    return events.array.map(\.kind)
  }

  private func connected() throws -> SocketPair<TCPStream> {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let client = try TCPStream(connectingTo: listener.localEndpoint)
    _ = try registrar.register(listener, for: .readable)
    _ = try next()
    guard case .accepted(let server, _) = try listener.accept() else { throw PollerError(.timedOut) }
    return SocketPair(client, server)
  }

  @Test("a reset is reported as an error to readers and writers, and once read only as the end")
  func reset() throws {
    for interest: Interest in [.readable, .writable, [.readable, .writable]] {
      let pair = try connected()
      let client = pair.first
      let server = pair.second
      let id = registrar.reserveID()
      try registrar.register(client, as: id, for: interest, trigger: .edge)
      if interest.contains(.writable) { _ = try next() }
      #expect(amy_test_reset_on_close(server.fileDescriptor.rawValue) == 0)
      _ = consume server
      let kinds = try next()
      let all = Readiness(rawValue: interest.rawValue)
      guard case .ready(let readiness)? = kinds.first else {
        Issue.record("no event came")
        return
      }
      #expect(readiness.isSuperset(of: all.union(.error)), "\(interest): \(readiness)")
      #expect(readiness.contains(.readClosed) == interest.contains(.readable))
      #expect(readiness.contains(.writeClosed) == interest.contains(.writable))
      #expect(try client.pendingError()?.code == .connectionReset)
      try registrar.reregister(client, as: id, for: interest, trigger: .once)
      guard case .ready(let after)? = try next().first else {
        Issue.record("no event came")
        return
      }
      #expect(!after.contains(.error))
      #expect(after.isSuperset(of: all))
    }
  }

  @Test("a refused connect is writable, with an error")
  func refused() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let endpoint = try listener.localEndpoint
    _ = consume listener
    let client: TCPStream
    do throws(PollerError) {
      client = try TCPStream(connectingTo: endpoint)
    } catch {
      #expect(error.code == .connectionRefused, "some kernels refuse at once")
      return
    }
    _ = try registrar.register(client, for: .writable)
    guard case .ready(let readiness)? = try next().first else {
      Issue.record("no event came")
      return
    }
    #expect(readiness.isSuperset(of: [.writable, .error]))
    do throws(PollerError) {
      _ = try client.connectResult()
      Issue.record("the connect succeeded without a listener")
    } catch {
      #expect(error.code == .connectionRefused)
    }
  }

  @Test("closing a pipe's reader is reported to its writer, and not as readable")
  func brokenPipe() throws {
    let pipe = try FileDescriptor.pipe()
    defer { try? pipe.writeEnd.close() }
    // Full: only the reader's end can make it writable.
    let bytes = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 { _ = try pipe.writeEnd.writeAll(bytes) }
    _ = try registrar.register(pipe.writeEnd, for: .writable)
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty)
    try pipe.readEnd.close()
    #expect(try next() == [.ready(KernelDifferences.system.writerWithoutReader)])
  }

  @Test("the wrong end of a pipe reports what the kernel says, and its right direction works as usual")
  func wrongEnd() throws {
    let pipe = try FileDescriptor.pipe()
    defer {
      try? pipe.readEnd.close()
      try? pipe.writeEnd.close()
    }
    let id = try registrar.register(pipe.readEnd, for: .writable)
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .zero)
    let told = KernelDifferences.system.wrongEndOfPipe
    #expect(events.array == (told.isEmpty ? [] : [Event(id: id, kind: .ready(told))]))
    _ = try pipe.writeEnd.writeAll([1])
    try registrar.reregister(pipe.readEnd, as: id, for: .readable, trigger: .once)
    #expect(try next() == [.ready(.readable)])
  }

  @Test("registering a writer without a reader reports that at once, or throws")
  func brokenBefore() throws {
    let pipe = try FileDescriptor.pipe()
    defer { try? pipe.writeEnd.close() }
    try pipe.readEnd.close()
    guard KernelDifferences.system.registersWritersWithoutReader else {
      #expect(throws: PollerError(.connectionReset, errno: .brokenPipe)) {
        _ = try registrar.register(pipe.writeEnd, for: .writable)
      }
      return
    }
    _ = try registrar.register(pipe.writeEnd, for: .writable)
    #expect(try next() == [.ready(KernelDifferences.system.writerWithoutReader)])
  }

  @Test("the reader of a pipe without a writer reads to the end")
  func endOfPipe() throws {
    let pipe = try FileDescriptor.pipe()
    defer { try? pipe.readEnd.close() }
    _ = try pipe.writeEnd.writeAll([1, 2, 3])
    try pipe.writeEnd.close()
    _ = try registrar.register(pipe.readEnd, for: .readable)
    #expect(try next() == [.ready([.readable, .readClosed])])
  }

  @Test("urgent data are priority, if requested and where the kernel has it, else a typed error")
  func priority() throws {
    let pair = try connected()
    let client = pair.first
    let server = pair.second
    guard KernelDifferences.system.hasPriority else {
      let refusal = PollerError(.unsupported, errno: .notSupported)
      #expect(throws: refusal) { _ = try registrar.register(client.fileDescriptor, for: .priority) }
      let id = try registrar.register(client, for: .none)
      #expect(throws: refusal) {
        try registrar.reregister(client.fileDescriptor, as: id, for: [.readable, .priority], trigger: .once)
      }
      return
    }
    let id = try registrar.register(client, for: .priority)
    #expect(amy_test_send_urgent(server.fileDescriptor.rawValue) == 0)
    #expect(try next() == [.ready(.priority)])
    _ = try server.write([1])
    try registrar.reregister(client, as: id, for: .readable, trigger: .once)
    #expect(try next() == [.ready(.readable)])
  }

  @Test("shutting down one's own reading leaves the socket writable")
  func shutDownReading() throws {
    let pair = try connected()
    let client = pair.first
    try client.shutdown(.reading)
    _ = try registrar.register(client, for: [.readable, .writable])
    #expect(try next() == [.ready([.readable, .writable, .readClosed])])
    #expect(try client.write([1]) == .bytes(1))
  }

  @Test("shutting down both of one's own directions is a hang-up")
  func shutDownBoth() throws {
    let pair = try connected()
    let client = pair.first
    try client.shutdown(.both)
    _ = try registrar.register(client, for: [.readable, .writable])
    guard case .ready(let readiness)? = try next().first else {
      Issue.record("no event came")
      return
    }
    #expect(readiness.isSuperset(of: [.readable, .writable, .readClosed]))
  }
}
