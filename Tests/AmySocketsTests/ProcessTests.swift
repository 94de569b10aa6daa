import Amy
import AmySockets
import SystemPackage
import Testing

/// Promises about the whole process are tested in a child that runs nothing else.
@Suite("In a process of its own")
struct ProcessTests {
  @Test("each socket is closed exactly once, even if making it failed")
  func descriptorsAreKept() async {
    await #expect(processExitsWith: .success) { try Child.descriptorsAreKept() }
  }

  @Test("accepting without a descriptor left says so, loses nothing, and works again with one")
  func descriptorLimit() async {
    await #expect(processExitsWith: .success) { try Child.descriptorLimit() }
  }

  @Test("writing without a peer raises no signal")
  func noSignal() async {
    await #expect(processExitsWith: .success) { try Child.noSignal() }
  }
}

private enum Child {
  static func descriptorsAreKept() throws {
    func useAll() throws {
      let listener = try TCPListener(bindingTo: .loopback(port: 0))
      let client = try TCPStream(connectingTo: listener.localEndpoint)
      let server = try accept(from: listener)
      _ = try client.write([1])
      #expect(try read(1, from: server) == [1])
      let pair = try UnixStream.pair()
      let datagrams = try UnixDatagramSocket.pair()
      let first = pair.first
      close(first)
      let released = datagrams.second.release()
      _ = try UnixDatagramSocket(adopting: released)
      _ = try UDPSocket(bindingTo: .loopback(port: 0))
      _ = try? TCPListener(bindingTo: listener.localEndpoint)
      _ = try? UnixStream(connectingTo: .unix(path: "/no such file"))
      _ = try? UDPSocket(bindingTo: .ipv4(192, 0, 2, 1, port: 0))
      _ = try? UDPSocket(bindingTo: .unnamed)
      try client.setLinger(.zero)
    }
    try useAll()
    let before = Files.openSockets()
    for _ in 0..<100 { try useAll() }
    #expect(Files.openSockets() == before)
  }

  static func descriptorLimit() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let address = try listener.localEndpoint
    let first = try TCPStream(connectingTo: address)
    let second = try TCPStream(connectingTo: address)
    let poller = try Poller()
    let registrar = poller.registrar
    let id = try registrar.register(listener, for: .readable, trigger: .level)
    var events = EventBuffer(capacity: 8)

    // A limit of 3 leaves no number, whatever the runtime's threads do. Standard input is the reserve.
    let null = try FileDescriptor.open(FilePath("/dev/null"), .readOnly)
    let reserve = try null.duplicate(as: .standardInput)
    try Files.limitDescriptors(to: 3)

    // A distinct error, any number of times, at once.
    for _ in 0..<100 {
      let failure = error { _ = try listener.accept() }
      #expect(failure?.code == .descriptorLimit)
      #expect(failure?.errno == .tooManyOpenFiles)
      #expect(error { try listener.acceptAll { (_, _) in } }?.code == .descriptorLimit)
    }
    #expect(error { _ = try UnixStream.pair() }?.code == .descriptorLimit)
    #expect(error { _ = try TCPStream(connectingTo: address) }?.code == .descriptorLimit)

    // The ready listener is silent with an empty interest, so that the loop does not spin.
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.count == 1)
    try registrar.reregister(listener, as: id, for: .none, trigger: .level)
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.count == 0)

    // Closing the reserve makes room to accept and close the first client, which tells it that there is no room.
    try reserve.close()
    // The runtime's threads may briefly take the number.
    while let failure = error({ close(try acceptNow(from: listener)) }) { #expect(failure.code == .descriptorLimit) }

    // With room, the rearmed listener reports the waiting client at once.
    try Files.limitDescriptors(to: 64)
    try registrar.reregister(listener, as: id, for: .readable, trigger: .level)
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.count == 1)
    let served = try acceptNow(from: listener)
    #expect(try served.peerEndpoint == second.localEndpoint)
    #expect(try read(1, from: first) == [])
    #expect(try served.write([1]) == .bytes(1))
    #expect(try read(1, from: second) == [1])
  }

  static func noSignal() throws {
    let streams = try UnixStream.pair()
    let stream = streams.first
    close(streams.second)
    #expect(error { _ = try stream.write([1]) }?.code == .connectionReset)
    #expect(error { _ = try stream.write([1].span, then: [2].span) }?.code == .connectionReset)
    #expect(error { _ = try stream.write(segments: [[1]]) }?.code == .connectionReset)
    let pair = try UnixDatagramSocket.pair()
    try Files.shutDownWriting(pair.first.fileDescriptor)
    #expect(error { _ = try pair.first.send([1]) }?.code == .connectionReset)
  }
}
