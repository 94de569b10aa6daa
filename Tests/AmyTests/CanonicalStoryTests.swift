import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import SystemPackage
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Amy's main use: one thread polls; another owns the sockets, registers them, and receives their events from the first.
///
/// "Your first server" takes the same steps.
@Suite("The canonical story", .timeLimit(.minutes(10)))
struct CanonicalStoryTests {
  @Test("a poller thread and a worker that owns the sockets accept, read, reregister for writing, and echo")
  func story() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let endpoint = try listener.localEndpoint
    // Events go to the worker through the user's own queue.
    let queue = Monitor<[Event]>([])

    let pollerThread = SystemThread.spawn("poller") { () throws(PollerError) in
      var events = EventBuffer()
      do throws(PollerError) {
        while true {
          try poller.wait(into: &events)
          let batch = events.indices.map { events[$0] }
          queue.withLock { $0 += batch }
          queue.notifyOne()
        }
      } catch {
        guard error.code == .closed else { throw error }
      }
    }

    let worker = SystemThread.spawn("worker") { () throws(PollerError) -> [Readiness] in
      try tellWorkersStory(listener, registrar, queue)
    }

    // The client's socket blocks, independent of the poller.
    let client = try TCPStream(connectingTo: endpoint).release()
    defer { try? client.close() }
    #expect(fcntl(client.rawValue, F_SETFL, 0) == 0)
    let greeting = Array("hello".utf8)
    #expect(try client.writeAll(greeting) == greeting.count)
    var echo: [UInt8] = []
    while echo.count < greeting.count {
      let more = try [UInt8](unsafeUninitializedCapacity: 100) { room, count in
        count = try client.read(into: UnsafeMutableRawBufferPointer(room))
      }
      if more.isEmpty { break }
      echo += more
    }
    #expect(echo == greeting)

    #expect(try worker.join() == [.readable, .readable, .writable])
    poller.close()
    try pollerThread.join()
  }
}

/// Accepts a connection, reads a message, waits until the stream is writable, and echoes it; returns each event's readiness.
private func tellWorkersStory(
  _ listener: borrowing TCPListener, _ registrar: Registrar, _ queue: Monitor<[Event]>
) throws(PollerError) -> [Readiness] {
  let listenerID = registrar.reserveID()
  try registrar.register(listener, as: listenerID, for: .readable)
  var told: [Readiness] = []

  func next(_ id: Event.ID) {
    let event = queue.wait { $0.isEmpty ? nil : $0.removeFirst() }
    #expect(event.id == id)
    told.append(event.readiness)
  }

  next(listenerID)
  guard case .accepted(let stream, _) = try listener.accept() else { throw PollerError(.timedOut) }

  let streamID = registrar.reserveID()
  try registrar.register(stream, as: streamID, for: .readable)
  next(streamID)
  var bytes: [UInt8] = []
  _ = try stream.read(appendingTo: &bytes, atMost: 100)

  try registrar.reregister(stream, as: streamID, for: .writable, trigger: .once)
  next(streamID)
  _ = try stream.write(bytes)
  return told
}
