import Amy
import AmySockets
import SystemPackage
import Testing

@Suite("A listener")
struct ListenerTests {
  @Test("has nothing to accept before a client connects")
  func wouldBlock() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    switch try listener.accept() {
    case .accepted: Issue.record("no client connected")
    case .wouldBlock: break
    }
    let batch = try listener.acceptAll { (_, _) in Issue.record("no client connected") }
    #expect(batch == AcceptBatch(count: 0, isDrained: true))
    #expect(try !isReady(for: .readable, listener))
  }

  @Test("accepts v4 connections, and both ends know the addresses")
  func v4() throws {
    try checkAddresses(.loopback(port: 0))
  }

  @Test("accepts v6 connections, and both ends know the addresses", .enabled(if: hasV6))
  func v6() throws {
    try checkAddresses(.loopbackV6(port: 0))
  }

  private func checkAddresses(_ endpoint: Endpoint) throws {
    let listener = try TCPListener(bindingTo: endpoint)
    let address = try listener.localEndpoint
    #expect(address.withPort(0) == endpoint)
    #expect(address.port != 0)
    let client = try TCPStream(connectingTo: address)
    try wait(for: .readable, on: listener)
    switch try listener.accept() {
    case .wouldBlock: Issue.record("a connection is waiting")
    case .accepted(let server, let peer):
      #expect(try peer == client.localEndpoint)
      #expect(try peer == server.peerEndpoint)
      #expect(try server.localEndpoint == address)
      #expect(try client.peerEndpoint == address)
    }
  }

  @Test("on the v6 any address accepts v4 connections, unless told not to", .enabled(if: hasV6))
  func bothFamilies() throws {
    let both = try TCPListener(bindingTo: .anyV6(port: 0))
    let port = try both.localEndpoint.port ?? 0
    let client = try TCPStream(connectingTo: .loopback(port: port))
    let server = try accept(from: both)
    #expect(try server.peerEndpoint.host == "::ffff:127.0.0.1")
    close(client)

    // It accepts nothing over v4, so the v4 port is free, unless another test has it.
    let isFree = try (0..<20).contains { _ in
      let one = try TCPListener(bindingTo: .anyV6(port: 0), acceptsIPv4: false)
      let port = try one.localEndpoint.port ?? 0
      return (try? TCPListener(bindingTo: .any(port: port))) != nil
    }
    #expect(isFree)
  }

  @Test("has a path, and leaves its file for the user to remove")
  func path() throws {
    let path = Unique.path()
    defer { Files.remove(path) }
    let endpoint = try Endpoint.unix(path: path)
    try checkUnix(endpoint)
    #expect(error { _ = try UnixListener(bindingTo: endpoint) }?.code == .addressInUse)
    Files.remove(path)
    _ = try UnixListener(bindingTo: endpoint)
  }

  @Test("has an abstract name, which is freed with it")
  func abstract() throws {
    let endpoint = try Unique.abstract()
    try checkUnix(endpoint)
    _ = try UnixListener(bindingTo: endpoint)
  }

  private func checkUnix(_ endpoint: Endpoint) throws {
    let listener = try UnixListener(bindingTo: endpoint)
    #expect(try listener.localEndpoint == endpoint)
    let client = try UnixStream(connectingTo: endpoint)
    #expect(try client.connectResult() == .connected)
    #expect(try client.peerEndpoint == endpoint)
    try wait(for: .readable, on: listener)
    switch try listener.accept() {
    case .wouldBlock: Issue.record("a connection is waiting")
    case .accepted(let server, let peer):
      #expect(peer == .unnamed)
      #expect(try server.localEndpoint == endpoint)
      #expect(try server.write([1, 2, 3]) == .bytes(3))
      #expect(try read(3, from: client) == [1, 2, 3])
    }
  }

  @Test("sees the name of a named Unix client")
  func namedClient() throws {
    let listener = try UnixListener(bindingTo: Unique.abstract())
    let name = try Unique.abstract()
    let client = try UnixStream(connectingTo: listener.localEndpoint, from: name)
    switch try listener.accept() {
    case .wouldBlock: Issue.record("a connection is waiting")
    case .accepted(_, let peer): #expect(peer == name)
    }
    #expect(try client.localEndpoint == name)
  }

  @Test("takes the longest names")
  func longestName() throws {
    let name = try Endpoint.abstract(Array("amy".utf8) + (0..<104).map { _ in UInt8.random(in: .min ... .max) })
    try checkUnix(name)
    let short = Unique.path()
    let path = short + String(repeating: "a", count: 107 - short.utf8.count)
    defer { Files.remove(path) }
    #expect(path.utf8.count == 107)
    try checkUnix(.unix(path: path))
  }

  @Test("accepts all waiting clients, at most the given number at a time")
  func acceptAll() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let address = try listener.localEndpoint
    var clients: [Endpoint] = []
    var open: [FileDescriptor] = []
    defer { for descriptor in open { try? descriptor.close() } }
    for _ in 0..<5 {
      let client = try TCPStream(connectingTo: address)
      clients.append(try client.localEndpoint)
      open.append(client.release())
    }
    var peers: [Endpoint] = []
    while peers.count < 5 {
      try wait(for: .readable, on: listener)
      var taken = 0
      let batch = try listener.acceptAll(atMost: 3) { (stream, peer) throws(PollerError) in
        #expect(try stream.peerEndpoint == peer)
        peers.append(peer)
        taken += 1
      }
      #expect(batch.count == taken && taken <= 3)
      #expect(batch.isDrained == (taken < 3))
    }
    #expect(Set(peers) == Set(clients))
    #expect(try listener.acceptAll { (_, _) in }.isDrained)
  }

  @Test("accepts none with a limit of zero")
  func acceptNone() throws {
    let listener = try UnixListener(bindingTo: Unique.abstract())
    let client = try UnixStream(connectingTo: listener.localEndpoint)
    #expect(try listener.acceptAll(atMost: 0) { (_, _) in } == AcceptBatch(count: 0, isDrained: false))
    #expect(try isReady(for: .readable, listener))
    close(client)
  }

  @Test("stops accepting when the closure throws, and keeps the rest")
  func bodyThrows() throws {
    let listener = try UnixListener(bindingTo: Unique.abstract())
    let first = try UnixStream(connectingTo: listener.localEndpoint)
    let second = try UnixStream(connectingTo: listener.localEndpoint)
    let failure = PollerError(.watchLimit)
    #expect(error { try listener.acceptAll { (_, _) throws(PollerError) in throw failure } } == failure)
    #expect(try listener.acceptAll { (_, _) in } == AcceptBatch(count: 1, isDrained: true))
    close(first)
    close(second)
  }

  @Test("refuses an address in use")
  func addressInUse() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let address = try listener.localEndpoint
    let error = error { _ = try TCPListener(bindingTo: address) }
    #expect(error?.code == .addressInUse)
    #expect(error?.errno == .addressInUse)
  }

  @Test("can bind an address again as soon as the previous listener is closed")
  func bindAgain() throws {
    let listener = try TCPListener(bindingTo: Unique.loopback())
    let address = try listener.localEndpoint
    let client = try TCPStream(connectingTo: address)
    let server = try accept(from: listener)
    close(listener)
    // The server closes first: its end stays in TIME_WAIT with the address.
    close(server)
    #expect(try read(1, from: client) == [])
    _ = try TCPListener(bindingTo: address)
  }

  @Test("shares its port if all listeners request it")
  func sharedPort() throws {
    let first = try TCPListener(bindingTo: .loopback(port: 0), sharesPort: true)
    let address = try first.localEndpoint
    let second = try TCPListener(bindingTo: address, sharesPort: true)
    #expect(try second.localEndpoint == address)
    #expect(error { _ = try TCPListener(bindingTo: address) }?.code == .addressInUse)
  }

  @Test("refuses an address of another machine or another family")
  func badAddress() {
    #expect(
      error { _ = try TCPListener(bindingTo: .ipv4(192, 0, 2, 1, port: 0)) }?.code == .addressNotAvailable)
    #expect(error { _ = try TCPListener(bindingTo: .unix(path: "/tmp/a")) }?.code == .invalidArgument)
    #expect(error { _ = try UnixListener(bindingTo: .loopback(port: 0)) }?.code == .invalidArgument)
    #expect(
      error { _ = try UnixListener(bindingTo: .unix(path: "/no such folder/a")) }?.code == .addressNotAvailable)
  }

  @Test("skips a client that vanished before it was accepted, or passes it on to fail")
  func vanishedClient() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let address = try listener.localEndpoint
    let vanishing = try TCPStream(connectingTo: address)
    try wait(for: .readable, on: listener)
    try vanishing.setLinger(.zero)
    close(vanishing)  // reset
    let staying = try TCPStream(connectingTo: address)
    try wait(for: .writable, on: staying)
    var peers: [Endpoint] = []
    let batch = try listener.acceptAll { (_, peer) in peers.append(peer) }
    #expect(batch.isDrained)
    #expect(try peers.last == staying.localEndpoint)
  }
}
