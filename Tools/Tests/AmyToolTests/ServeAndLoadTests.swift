import Amy
import AmySockets
import AmyThreads
import Foundation
import Testing

extension ToolTests {
  @Suite struct ServeAndLoadTests {
    @Test(arguments: ["handover", "shared", "sharded"])
    func aServerServesUntilItIsToldToEnd(model: String) throws {
      let server = try Tool.start("serve", "--listen", "127.0.0.1:0", "--model", model, "--json")
      let address = try server.address()
      let load = try Tool.run("load", "--connect", address, "--connections", "20", "--seconds", "0.3", "--json")
      #expect(load.status == 0, "\(load.errors)")
      server.process.terminate()
      let result = server.finish()
      #expect(result.status == 0)
      #expect(result.errors.contains("SIGTERM"))
      let report = try result.report()
      #expect(report.ok && report.connections == 20)
      #expect(try load.report().bytes == report.bytes)
    }

    @Test(arguments: ["handover", "shared", "sharded"])
    func aServerGoesOnForThoseItHasAcceptedAndForNobodyElse(model: String) throws {
      let server = try Tool.start("serve", "--listen", "127.0.0.1:0", "--model", model, "--drain", "60", "--json")
      let endpoint = try Endpoint(parsing: try server.address())
      let client = try Client(endpoint)
      #expect(try client.echo([1, 2, 3]) == [1, 2, 3])
      server.process.interrupt()
      _ = try #require(server.line(containing: "draining 1 connection"))
      #expect(try client.echo([4, 5]) == [4, 5])
      #expect(throws: PollerError.self) { try Client(endpoint) }
      client.close()
      #expect(server.finish().status == 0)
    }

    @Test(arguments: zip(["handover", "shared", "sharded"], ["echo", "lines", "lines"]))
    func whoSaysNothingForTooLongHasToGo(model: String, wire: String) throws {
      let server = try Tool.start(
        "serve", "--listen", "127.0.0.1:0", "--model", model, "--protocol", wire, "--idle", "0.5", "--drain", "0",
        "--json")
      let endpoint = try Endpoint(parsing: try server.address())
      let silent = try Client(endpoint)
      let talker = try Client(endpoint)
      let clock = ContinuousClock()
      // A stalled machine may silence the talker, too: its fate is then not checked.
      var longestSilence = Duration.zero
      let start = clock.now
      var last = start
      var end: ContinuousClock.Instant?
      // As long again as the idle timeout, after the silent client was closed.
      while last < end ?? start + .seconds(60) {
        let answer = try? talker.echo([65, 10])
        longestSilence = max(longestSilence, last.duration(to: clock.now))
        last = clock.now
        let isRight = answer == [65, 10] || longestSilence > .milliseconds(400)
        #expect(isRight)
        if !isRight { break }
        if end == nil, try silent.isClosed(within: .milliseconds(100)) { end = last + .milliseconds(600) }
      }
      #expect(end != nil)
      server.process.terminate()
      let result = server.finish()
      #expect(result.status == 0)
      let report = try result.report()
      #expect(report.connections == 2)
      let dropped = try #require(report.server).reduce(0) { $0 + $1.dropped }
      #expect(dropped == 1 || longestSilence > .milliseconds(400))
    }

    @Test func aUnixSocketIsServedAndItsFileRemoved() throws {
      let path = FileManager.default.temporaryDirectory.appending(path: "amy-\(UUID().uuidString.prefix(8))").path
      let server = try Tool.start("serve", "--unix", path, "--json")
      _ = try #require(server.line(containing: "listening on "))
      let second = try Tool.run("serve", "--unix", path)
      #expect(second.status == 69)
      #expect(second.errors.contains("a server listens on"))
      let load = try Tool.run("load", "--connect", "unix:\(path)", "--connections", "20", "--seconds", "0.3", "--json")
      #expect(load.status == 0, "\(load.errors)")
      server.process.interrupt()
      #expect(server.finish().status == 0)
      #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func anOldSocketIsReplacedAndAnotherFileIsNot() throws {
      let path = FileManager.default.temporaryDirectory.appending(path: "amy-\(UUID().uuidString.prefix(8))").path
      // A closed listener leaves its file.
      _ = try UnixListener(bindingTo: try .unix(path: path))
      let server = try Tool.start("serve", "--unix", path, "--json")
      _ = try #require(server.line(containing: "listening on "))
      server.process.terminate()
      #expect(server.finish().status == 0)
      try Data("precious".utf8).write(to: URL(filePath: path))
      let refused = try Tool.run("serve", "--unix", path)
      #expect(refused.status == 69)
      #expect(refused.errors.contains("is no socket"))
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("precious".utf8))
      try FileManager.default.removeItem(atPath: path)
    }

    @Test func aWrongByteIsFound() throws {
      let listener = try TCPListener(bindingTo: .loopback(port: 0))
      let endpoint = try listener.localEndpoint
      let poller = try Poller()
      let liar = try SystemThread<Void, PollerError>(named: "liar") { () throws(PollerError) in
        try lie(poller, listener)
      }
      let result = try Tool.run("load", "--connect", "\(endpoint)", "--connections", "2", "--seconds", "5", "--json")
      poller.close()
      #expect(throws: PollerError(.closed)) { try liar.join() }
      #expect(result.status == 1)
      let report = try result.report()
      #expect(!report.ok && report.wrongConnections == 2)
      #expect(result.output.contains("wrong bytes"))
    }

    @Test func anInterruptEndsALoadEarlyAndWell() throws {
      let poller = try Poller()
      let listener = try TCPListener(bindingTo: .loopback(port: 0))
      var events = EventBuffer()
      _ = try poller.registrar.register(listener, for: .readable)
      let load = try Tool.start(
        "load", "--connect", "\(listener.localEndpoint)", "--connections", "1", "--seconds", "3600", "--json")
      try poller.wait(into: &events)
      guard case .accepted(let stream, _) = try listener.accept() else { throw PollerError(.notConnected) }
      _ = try poller.registrar.register(stream, for: .readable, trigger: .level)
      var requests = 0
      var bytes: [UInt8] = []
      while true {
        try poller.wait(into: &events)
        bytes.removeAll(keepingCapacity: true)
        if try stream.read(appendingTo: &bytes, atMost: 4096) == .closed { break }
        requests += 1
        if requests == 10 { load.process.interrupt() }
        _ = try stream.write(bytes)
      }
      let result = load.finish()
      #expect(result.status == 0, "\(result.errors)")
      let report = try result.report()
      #expect(report.ok && report.requests == requests && requests >= 10)
    }

    @Test func aMissingServerIsUnavailable() throws {
      let endpoint = try closedEndpoint()
      let result = try Tool.run("load", "--connect", "\(endpoint)", "--connections", "20", "--seconds", "1")
      #expect(result.status == 69)
      #expect(result.errors.contains("nothing listens"))
    }

    /// Returns an address where a listener was open until now.
    private func closedEndpoint() throws -> Endpoint {
      try TCPListener(bindingTo: .loopback(port: 0)).localEndpoint
    }
  }
}

/// A client that waits for each answer.
private final class Client {
  private var stream: TCPStream?
  private let poller: Poller
  private let id: Event.ID
  private var events = EventBuffer()

  init(_ endpoint: Endpoint) throws(PollerError) {
    let poller = try Poller()
    let stream = try TCPStream(connectingTo: endpoint)
    let id = try poller.registrar.register(stream, for: .writable)
    self.poller = poller
    self.id = id
    try poller.wait(into: &events)
    _ = try stream.connectResult()
    self.stream = consume stream
  }

  /// Sends bytes, and reads as many.
  func echo(_ bytes: [UInt8]) throws -> [UInt8] {
    guard let stream = stream.take() else { return [] }
    _ = try stream.write(bytes)
    var received: [UInt8] = []
    while received.count < bytes.count {
      try poller.registrar.reregister(stream, as: id, for: .readable, trigger: .once)
      try poller.wait(into: &events)
      if try stream.read(appendingTo: &received, atMost: 4096) == .closed { break }
    }
    self.stream = consume stream
    return received
  }

  /// Waits for the server to close.
  func isClosed(within time: Duration) throws -> Bool {
    guard let stream = stream.take() else { return true }
    try poller.registrar.reregister(stream, as: id, for: .readable, trigger: .once)
    try poller.wait(into: &events, timeout: time)
    var received: [UInt8] = []
    let isClosed = try stream.read(appendingTo: &received, atMost: 1) == .closed
    self.stream = consume stream
    return isClosed
  }

  func close() {
    stream = nil
  }
}

/// Echoes on all connections, with one wrong bit.
private func lie(_ poller: Poller, _ listener: borrowing TCPListener) throws(PollerError) {
  var connections = EventTable<Registration<TCPStream>>()
  var events = EventBuffer()
  var bytes: [UInt8] = []
  let acceptor = try poller.registrar.register(listener, for: .readable, trigger: .level)
  while true {
    try poller.wait(into: &events)
    for index in events.indices {
      let id = events[index].id
      if id == acceptor {
        try listener.acceptAll { (stream, _) throws(PollerError) in
          let connection = try Registration(stream, with: poller.registrar, for: .readable, trigger: .level)
          let id = connection.id
          connections.insert(connection, for: id)
        }
        continue
      }
      let isOpen = connections.withValue(for: id) { connection in
        bytes.removeAll(keepingCapacity: true)
        guard case .bytes = try? connection.source.read(appendingTo: &bytes, atMost: 4096) else { return false }
        bytes[bytes.count - 1] ^= 1
        return (try? connection.source.write(bytes)) != nil
      }
      if isOpen == false { connections.removeValue(for: id) }
    }
  }
}
