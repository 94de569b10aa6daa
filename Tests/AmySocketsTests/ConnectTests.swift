import Amy
import AmySockets
import SystemPackage
import Testing

@Suite("Connecting")
struct ConnectTests {
  @Test("over TCP is under way until the stream is writable")
  func success() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let stream = try TCPStream(connectingTo: listener.localEndpoint)
    try wait(for: .writable, on: stream)
    #expect(try stream.connectResult() == .connected)
    #expect(try stream.connectResult() == .connected)
    #expect(try stream.pendingError() == nil)
  }

  @Test("is still connected when there is no room to write")
  func fullStream() throws {
    let pair = try tcpPair()
    _ = try fill(pair.first)
    #expect(try pair.first.connectResult() == .connected)
  }

  @Test("where nobody listens is refused")
  func refused() throws {
    let address = try TCPListener(bindingTo: Unique.loopback()).localEndpoint
    // Linux knows at once on the loopback, and says so from either call.
    let refusal = error {
      let stream = try TCPStream(connectingTo: address)
      let readiness = try wait(for: .writable, on: stream)
      #expect(readiness.contains(.writable))
      _ = try stream.connectResult()
    }
    #expect(refusal?.code == .connectionRefused)
    #expect(refusal?.errno == .connectionRefused)
  }

  @Test("that was refused stays not connected")
  func refusedTwice() throws {
    let address = try TCPListener(bindingTo: Unique.loopback()).localEndpoint
    guard let descriptor = try? TCPStream(connectingTo: address).release() else { return }
    let stream = try TCPStream(adopting: descriptor)
    try wait(for: .writable, on: stream)
    #expect(error { _ = try stream.connectResult() }?.code == .connectionRefused)
    #expect(error { _ = try stream.connectResult() }?.code == .notConnected)
  }

  @Test("to a listener that takes nobody stays under way")
  func inProgress() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0), backlog: 0)
    let address = try listener.localEndpoint
    // The backlog of one, and one that the kernel answers no more.
    let first = try TCPStream(connectingTo: address)
    try wait(for: .writable, on: first)
    let second = try TCPStream(connectingTo: address)
    #expect(try second.connectResult() == .inProgress)
    #expect(try !isReady(for: .writable, second))
    #expect(error { _ = try second.peerEndpoint }?.code == .notConnected)
    #expect(error { _ = try second.write([1]) }?.code != .connectionReset)
  }

  @Test("to nowhere is an error or stays under way, and never an answer")
  func nowhere() throws {
    // An address for documentation, behind which nobody is (RFC 5737).
    let code = error {
      let stream = try TCPStream(connectingTo: .ipv4(192, 0, 2, 1, port: 9))
      #expect(try stream.connectResult() == .inProgress)
    }?.code
    // A network may also answer for it.
    let possible: [PollerError.Code?] = [nil, .unreachable, .permissionDenied, .connectionRefused, .timedOut]
    #expect(possible.contains(code))
  }

  @Test("takes the local address that was asked for")
  func localAddress() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let local = Endpoint.ipv4(127, 0, 0, 2, port: 0)
    let stream = try TCPStream(connectingTo: listener.localEndpoint, from: local)
    let server = try accept(from: listener)
    #expect(try server.peerEndpoint.host == "127.0.0.2")
    close(stream)
  }

  @Test("to a Unix name that nobody has, or that nobody listens behind, says which")
  func unix() throws {
    let path = Unique.path()
    defer { Files.remove(path) }
    let endpoint = try Endpoint.unix(path: path)
    #expect(error { _ = try UnixStream(connectingTo: endpoint) }?.code == .addressNotAvailable)
    _ = try UnixListener(bindingTo: endpoint)
    #expect(error { _ = try UnixStream(connectingTo: endpoint) }?.code == .connectionRefused)
    #expect(error { _ = try UnixStream(connectingTo: .unnamed) }?.code == .invalidArgument)
    #expect(error { _ = try UnixStream(connectingTo: Unique.abstract()) }?.code == .connectionRefused)
  }

  @Test("to a Unix listener with a full backlog says to try again later")
  func fullBacklog() throws {
    let listener = try UnixListener(bindingTo: Unique.abstract(), backlog: 0)
    let address = try listener.localEndpoint
    let first = try UnixStream(connectingTo: address)
    let busy = error { _ = try UnixStream(connectingTo: address) }
    #expect(busy?.code == .backlogFull)
    #expect(busy?.errno == .wouldBlock)
    _ = try accept(from: listener)
    _ = try UnixStream(connectingTo: address)
    close(first)
  }

  @Test("to a port where nobody listens is refused, also where the kernel connects the socket with itself")
  func toItself() throws {
    // What chance does once in a while with a free port of the range that local ports are taken from.
    for _ in 0..<20 {
      let address = try TCPListener(bindingTo: Unique.loopback()).localEndpoint
      let refusal = error {
        let stream = try TCPStream(connectingTo: address, from: address)
        try wait(for: .writable, on: stream)
        #expect(try stream.localEndpoint == stream.peerEndpoint)
        _ = try stream.connectResult()
      }
      #expect(refusal?.code == .connectionRefused)
    }
  }

  @Test("takes two Unix sockets without names for what they are: connected with each other")
  func unnamedPair() throws {
    let pair = try UnixStream.pair()
    #expect(try pair.first.localEndpoint == pair.first.peerEndpoint)
    #expect(try pair.first.connectResult() == .connected)
  }

  @Test("takes addresses of its own kind alone")
  func wrongKind() {
    #expect(error { _ = try TCPStream(connectingTo: .unix(path: "/tmp/a")) }?.code == .invalidArgument)
    #expect(error { _ = try UnixStream(connectingTo: .loopback(port: 9)) }?.code == .invalidArgument)
    #expect(error { _ = try UDPSocket(connectingTo: .unnamed) }?.code == .invalidArgument)
    #expect(error { _ = try UnixDatagramSocket(connectingTo: .loopback(port: 9)) }?.code == .invalidArgument)
  }
}
