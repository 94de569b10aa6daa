import Amy
import AmySockets
import SystemPackage
import Testing

@Suite("Connecting")
struct ConnectTests {
  @Test("over TCP is in progress until the stream is writable")
  func success() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let stream = try TCPStream(connectingTo: listener.localEndpoint)
    try wait(for: .writable, on: stream)
    #expect(try stream.connectResult() == .connected)
    #expect(try stream.connectResult() == .connected)
    #expect(try stream.pendingError() == nil)
  }

  @Test("is still connected when the output is full")
  func fullStream() throws {
    let pair = try tcpPair()
    _ = try fill(pair.first)
    #expect(try pair.first.connectResult() == .connected)
  }

  @Test("without a listener is refused")
  func refused() throws {
    let address = try TCPListener(bindingTo: Unique.loopback()).localEndpoint
    // Linux refuses at once on loopback; either call may report it.
    let refusal = error {
      let stream = try TCPStream(connectingTo: address)
      let readiness = try wait(for: .writable, on: stream)
      #expect(readiness.contains(.writable))
      _ = try stream.connectResult()
    }
    #expect(refusal?.code == .connectionRefused)
    #expect(refusal?.errno == .connectionRefused)
  }

  @Test("that was refused stays unconnected")
  func refusedTwice() throws {
    let address = try TCPListener(bindingTo: Unique.loopback()).localEndpoint
    guard let descriptor = try? TCPStream(connectingTo: address).release() else { return }
    let stream = try TCPStream(adopting: descriptor)
    try wait(for: .writable, on: stream)
    #expect(error { _ = try stream.connectResult() }?.code == .connectionRefused)
    #expect(error { _ = try stream.connectResult() }?.code == .notConnected)
  }

  @Test("to a listener that does not accept stays in progress")
  func inProgress() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0), backlog: 0)
    let address = try listener.localEndpoint
    // The first fills the backlog; the second gets no answer.
    let first = try TCPStream(connectingTo: address)
    try wait(for: .writable, on: first)
    let second = try TCPStream(connectingTo: address)
    #expect(try second.connectResult() == .inProgress)
    #expect(try !isReady(for: .writable, second))
    #expect(error { _ = try second.peerEndpoint }?.code == .notConnected)
    #expect(error { _ = try second.write([1]) }?.code != .connectionReset)
  }

  @Test("to nowhere fails or stays in progress, and never succeeds")
  func nowhere() throws {
    // For documentation, without a host (RFC 5737).
    let code = error {
      let stream = try TCPStream(connectingTo: .ipv4(192, 0, 2, 1, port: 9))
      #expect(try stream.connectResult() == .inProgress)
    }?.code
    // A network may also answer for it.
    let possible: [PollerError.Code?] = [nil, .unreachable, .permissionDenied, .connectionRefused, .timedOut]
    #expect(possible.contains(code))
  }

  @Test("takes the requested local address")
  func localAddress() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let local = Endpoint.ipv4(127, 0, 0, 2, port: 0)
    let stream = try TCPStream(connectingTo: listener.localEndpoint, from: local)
    let server = try accept(from: listener)
    #expect(try server.peerEndpoint.host == "127.0.0.2")
    close(stream)
  }

  @Test("to a Unix name without a socket, or without a listener, says which")
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

  @Test("to a port without a listener is refused, even if the kernel connects the socket to itself")
  func toItself() throws {
    // Happens by chance with a port of the ephemeral range.
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

  @Test("recognizes two unnamed Unix sockets as connected to each other")
  func unnamedPair() throws {
    let pair = try UnixStream.pair()
    #expect(try pair.first.localEndpoint == pair.first.peerEndpoint)
    #expect(try pair.first.connectResult() == .connected)
  }

  @Test("takes addresses of its own family only")
  func wrongKind() {
    #expect(error { _ = try TCPStream(connectingTo: .unix(path: "/tmp/a")) }?.code == .invalidArgument)
    #expect(error { _ = try UnixStream(connectingTo: .loopback(port: 9)) }?.code == .invalidArgument)
    #expect(error { _ = try UDPSocket(connectingTo: .unnamed) }?.code == .invalidArgument)
    #expect(error { _ = try UnixDatagramSocket(connectingTo: .loopback(port: 9)) }?.code == .invalidArgument)
  }
}
