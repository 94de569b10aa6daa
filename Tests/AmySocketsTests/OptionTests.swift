import Amy
import AmySockets
import SystemPackage
import Testing

private let hasUserTimeout = error { _ = try TCPListener(bindingTo: .loopback(port: 0)).userTimeout }?.code != .unsupported

@Suite("A socket's options")
struct OptionTests {
  @Test("can be set and read for TCP")
  func tcp() throws {
    let pair = try tcpPair()
    let stream = pair.first
    #expect(try !stream.noDelay)
    try stream.setNoDelay(true)
    #expect(try stream.noDelay)
    try stream.setNoDelay(false)
    #expect(try !stream.noDelay)

    try stream.setTimeToLive(42)
    #expect(try stream.timeToLive == 42)
    #expect(error { try stream.setTimeToLive(0) }?.code == .invalidArgument)
    #expect(error { try stream.setTimeToLive(256) }?.code == .invalidArgument)
    #expect(error { try stream.setTimeToLive(.max) }?.code == .invalidArgument)

    #expect(try stream.linger == nil)
    try stream.setLinger(.milliseconds(1500))
    #expect(try stream.linger == .seconds(2))
    try stream.setLinger(nil)
    #expect(try stream.linger == nil)
  }

  @Test("can be set and read for TCP over v6", .enabled(if: hasV6))
  func tcpV6() throws {
    let pair = try tcpPair(.loopbackV6(port: 0))
    let stream = pair.first
    try stream.setTimeToLive(42)
    #expect(try stream.timeToLive == 42)
  }

  @Test("probe an idle connection")
  func keepAlive() throws {
    let pair = try tcpPair()
    let stream = pair.first
    #expect(try stream.keepAlive == nil)
    try stream.setKeepAlive(KeepAlive())
    #expect(try stream.keepAlive != nil)
    let wanted = KeepAlive(idle: .seconds(60), interval: .seconds(5), count: 3)
    try stream.setKeepAlive(wanted)
    #expect(try stream.keepAlive == wanted)
    try stream.setKeepAlive(KeepAlive(idle: .milliseconds(60_001)))
    #expect(try stream.keepAlive == KeepAlive(idle: .seconds(61), interval: .seconds(5), count: 3))
    #expect(error { try stream.setKeepAlive(KeepAlive(idle: .zero)) }?.code == .invalidArgument)
    #expect(error { try stream.setKeepAlive(KeepAlive(idle: .seconds(Int64.max))) }?.code == .invalidArgument)
    #expect(error { try stream.setKeepAlive(KeepAlive(count: 1000)) }?.code == .invalidArgument)
    try stream.setKeepAlive(nil)
    #expect(try stream.keepAlive == nil)
  }

  @Test("bound how long written bytes wait for the peer, and are inherited from a listener", .enabled(if: hasUserTimeout))
  func userTimeout() throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    #expect(try listener.userTimeout == nil)
    try listener.setUserTimeout(.seconds(7))
    #expect(try listener.userTimeout == .seconds(7))
    let client = try TCPStream(connectingTo: listener.localEndpoint)
    let server = try accept(from: listener)
    #expect(try server.userTimeout == .seconds(7))

    #expect(try client.userTimeout == nil)
    try client.setUserTimeout(.nanoseconds(1))
    #expect(try client.userTimeout == .milliseconds(1))
    try client.setUserTimeout(.microseconds(1_500))
    #expect(try client.userTimeout == .milliseconds(2))
    try client.setUserTimeout(.milliseconds(Int32.max))
    #expect(try client.userTimeout == .milliseconds(Int32.max))
    // None means the kernel's default, as zero would; none is silently replaced.
    let wrong: [Duration] = [
      .zero, .milliseconds(-1), .nanoseconds(-1), .milliseconds(Int64(Int32.max) + 1), .seconds(Int64.max), .seconds(Int64.min),
    ]
    for timeout in wrong {
      #expect(error { try client.setUserTimeout(timeout) }?.code == .invalidArgument)
      #expect(try client.userTimeout == .milliseconds(Int32.max))
    }
    try client.setUserTimeout(nil)
    #expect(try client.userTimeout == nil)
  }

  @Test("end a connection whose peer takes nothing within the user timeout", .enabled(if: hasUserTimeout))
  func userTimeoutEnds() throws {
    let pair = try tcpPair()
    try pair.first.setUserTimeout(.milliseconds(100))
    // The peer lives, and does not read.
    _ = try fill(pair.first)
    let readiness = try wait(for: .readable, on: pair.first)
    #expect(readiness.contains(.error))
    var bytes: [UInt8] = []
    #expect(error { _ = try pair.first.read(appendingTo: &bytes, atMost: 9) }?.code == .timedOut)
    // The peer lives until here, and gets a reset.
    #expect(error { _ = try drain(pair.second) }?.code == .connectionReset)
  }

  @Test("change the buffer sizes")
  func buffers() throws {
    let socket = try UDPSocket(bindingTo: .loopback(port: 0))
    let (sending, receiving) = (try socket.sendBufferSize, try socket.receiveBufferSize)
    try socket.setSendBufferSize(16_384)
    try socket.setReceiveBufferSize(16_384)
    // Linux reports twice the size.
    #expect(try socket.sendBufferSize >= 16_384)
    #expect(try socket.sendBufferSize < sending)
    #expect(try socket.receiveBufferSize >= 16_384)
    #expect(try socket.receiveBufferSize < receiving)
    #expect(error { try socket.setSendBufferSize(.max) }?.code == .invalidArgument)
  }

  @Test("can be set and read for UDP")
  func udp() throws {
    let socket = try UDPSocket(bindingTo: .loopback(port: 0))
    #expect(try !socket.broadcasts)
    try socket.setBroadcasts(true)
    #expect(try socket.broadcasts)
    try socket.setTimeToLive(7)
    #expect(try socket.timeToLive == 7)
    #expect(try socket.multicastTimeToLive == 1)
    try socket.setMulticastTimeToLive(3)
    #expect(try socket.multicastTimeToLive == 3)
    #expect(try socket.multicastLoops)
    try socket.setMulticastLoops(false)
    #expect(try !socket.multicastLoops)
  }

  @Test("can be set and read for UDP over v6", .enabled(if: hasV6))
  func udpV6() throws {
    let socket = try UDPSocket(bindingTo: .loopbackV6(port: 0))
    try socket.setTimeToLive(7)
    #expect(try socket.timeToLive == 7)
    try socket.setMulticastTimeToLive(3)
    #expect(try socket.multicastTimeToLive == 3)
    try socket.setMulticastLoops(false)
    #expect(try !socket.multicastLoops)
  }

  @Test("identify the peer of a Unix stream")
  func credentials() throws {
    let pair = try UnixStream.pair()
    let (ours, theirs) = (try pair.first.peerCredentials, try pair.second.peerCredentials)
    #expect(ours == theirs)
    #expect(ours == PeerCredentials(processID: Files.processID, userID: Files.userID, groupID: Files.groupID))
  }
}
