import Amy
import AmySockets
import AmyTestSupport
import SystemPackage
import Testing

/// Tests every public number of the sockets with its extremes; `TidyTests` reports one without a row here.
@Suite("An extreme number", .timeLimit(.minutes(10)))
struct ExtremeNumberTests {
  @Test("of a socket is accepted, clamped, or refused with a typed error")
  func sockets() async {
    // In its own process, where no thread holds a lock at the forks.
    await #expect(processExitsWith: .success) {
      tell(options())
      tell(reading())
      tell(making())
      tell(endpoints())
      tell(values())
    }
  }

  @Test("outside the range of an option is refused, and changes nothing")
  func refused() throws {
    let pair = try tcpPair()
    let stream = pair.first
    let datagrams = try UDPSocket(bindingTo: .loopback(port: 0))
    let outside = Extremes.integers.filter { !(0...255).contains($0) }
    let (hops, multicastHops) = (try stream.timeToLive, try datagrams.multicastTimeToLive)
    for value in outside + [0] {
      #expect(error { try stream.setTimeToLive(value) }?.code == .invalidArgument, "\(value)")
      #expect(error { try datagrams.setTimeToLive(value) }?.code == .invalidArgument, "\(value)")
    }
    for value in outside {
      #expect(error { try datagrams.setMulticastTimeToLive(value) }?.code == .invalidArgument, "\(value)")
    }
    #expect(try stream.timeToLive == hops)
    #expect(try datagrams.multicastTimeToLive == multicastHops)

    let buffer = try stream.sendBufferSize
    for value in Extremes.integers where value < 0 {
      #expect(error { try stream.setSendBufferSize(value) }?.code == .invalidArgument, "\(value)")
      #expect(error { try stream.setReceiveBufferSize(value) }?.code == .invalidArgument, "\(value)")
      #expect(error { try stream.setKeepAlive(KeepAlive(count: value)) }?.code == .invalidArgument, "\(value)")
    }
    #expect(try stream.sendBufferSize == buffer)
    for duration in Extremes.durations where duration < .zero {
      #expect(error { try stream.setLinger(duration) }?.code == .invalidArgument, "\(duration)")
      #expect(error { try stream.setKeepAlive(KeepAlive(idle: duration)) }?.code == .invalidArgument, "\(duration)")
      #expect(error { try stream.setKeepAlive(KeepAlive(interval: duration)) }?.code == .invalidArgument, "\(duration)")
    }
    #expect(try stream.linger == nil)
    #expect(try stream.keepAlive == nil)
    // Beyond the kernel's range it becomes the longest in range, not the default.
    for duration in Extremes.durations where duration > .seconds(Int32.max - 1) {
      try stream.setLinger(duration)
      #expect(try #require(try stream.linger) > .seconds(60), "\(duration)")
    }
    try stream.setLinger(nil)
  }
}

private func options() -> [String] {
  sweep("TCPStream setTimeToLive(_:) _", Extremes.integers) { try tcpPair().first.setTimeToLive($0) }
    + sweep("UDPSocket setTimeToLive(_:) _", Extremes.integers) { try datagrams().setTimeToLive($0) }
    + sweep("UDPSocket setMulticastTimeToLive(_:) _", Extremes.integers) { try datagrams().setMulticastTimeToLive($0) }
    + sweep("Socket setSendBufferSize(_:) _", Extremes.integers) { try datagrams().setSendBufferSize($0) }
    + sweep("Socket setReceiveBufferSize(_:) _", Extremes.integers) { try datagrams().setReceiveBufferSize($0) }
    + sweep("StreamSocket setLinger(_:) _", Extremes.durations) { duration in
      let pair = try tcpPair()
      let stream = pair.first
      try stream.setLinger(duration)
      // Lingering at close is not tested here.
      try stream.setLinger(nil)
    }
    + sweep("UserTimeout setUserTimeout(_:) _", Extremes.durations) { duration in
      try tcpPair().first.setUserTimeout(duration)
    }
    + sweep("UserTimeout setUserTimeout(_:) _", Extremes.durations) { duration in
      let listener = try TCPListener(bindingTo: .loopback(port: 0))
      try listener.setUserTimeout(duration)
    }
    + sweep("KeepAlive init(idle:interval:count:) idle", Extremes.durations) {
      try tcpPair().first.setKeepAlive(KeepAlive(idle: $0))
    }
    + sweep("KeepAlive init(idle:interval:count:) interval", Extremes.durations) {
      try tcpPair().first.setKeepAlive(KeepAlive(interval: $0))
    }
    + sweep("KeepAlive init(idle:interval:count:) count", Extremes.integers) {
      try tcpPair().first.setKeepAlive(KeepAlive(count: $0))
    }
    + sweep("KeepAlive idle", Extremes.durations) { duration in
      var keepAlive = KeepAlive()
      keepAlive.idle = duration
      try tcpPair().first.setKeepAlive(keepAlive)
    }
    + sweep("KeepAlive interval", Extremes.durations) { duration in
      var keepAlive = KeepAlive()
      keepAlive.interval = duration
      try tcpPair().first.setKeepAlive(keepAlive)
    }
    + sweep("KeepAlive count", Extremes.integers) { count in
      var keepAlive = KeepAlive()
      keepAlive.count = count
      try tcpPair().first.setKeepAlive(keepAlive)
    }
    + sweep("UDPSocket join(_:interface:) interface", Extremes.numbers(UInt32.self)) {
      try datagrams().join(.ipv4(239, 1, 2, 3, port: 0), interface: $0)
    }
    + sweep("UDPSocket leave(_:interface:) interface", Extremes.numbers(UInt32.self)) {
      try datagrams().leave(.ipv4(239, 1, 2, 3, port: 0), interface: $0)
    }
}

private func reading() -> [String] {
  sweep("StreamSocket read(appendingTo:atMost:) atMost", Extremes.integers) { limit in
    let pair = try UnixStream.pair()
    _ = try pair.second.write([1, 2])
    var bytes: [UInt8] = [7]
    let result = try pair.first.read(appendingTo: &bytes, atMost: limit)
    precondition(result == .bytes(max(0, min(2, limit))))
    precondition(bytes == [7, 1, 2].dropLast(max(0, 2 - max(0, limit))))
  }
    + sweep("DatagramSocket receive(appendingTo:atMost:) atMost", Extremes.integers) { limit in
      let pair = try UnixDatagramSocket.pair()
      _ = try pair.second.send([1, 2])
      var bytes: [UInt8] = [7]
      _ = try pair.first.receive(appendingTo: &bytes, atMost: limit)
      precondition(bytes == [7, 1, 2].dropLast(max(0, 2 - max(0, limit))))
    }
    + sweep("StreamSocket write(segments:skipping:) skipping", Extremes.integers) { offset in
      let pair = try UnixStream.pair()
      let result = try pair.first.write(segments: [[1, 2], [3]], skipping: offset)
      precondition(result == .bytes(3 - max(0, min(3, offset))))
    }
    + sweep("ListeningSocket acceptAll(atMost:_:) atMost", Extremes.integers) { limit in
      let listener = try UnixListener(bindingTo: Unique.abstract())
      let client = try UnixStream(connectingTo: listener.localEndpoint)
      try listener.acceptAll(atMost: limit) { (_, _) in }
      close(client)
    }
}

private func making() -> [String] {
  let numbers = Extremes.numbers(CInt.self).filter { !(0...2).contains($0) }
  return sweep("TCPListener init(bindingTo:backlog:sharesPort:acceptsIPv4:) backlog", Extremes.integers) {
    _ = try TCPListener(bindingTo: .loopback(port: 0), backlog: $0)
  }
    + sweep("UnixListener init(bindingTo:backlog:) backlog", Extremes.integers) {
      _ = try UnixListener(bindingTo: Unique.abstract(), backlog: $0)
    }
    + sweep("OwnedSocket init(owning:) owning", numbers) {
      let stream = UnixStream(OwnedSocket(owning: FileDescriptor(rawValue: $0)))
      _ = try stream.write([1])
    }
    + sweep("TCPListener init(adopting:) adopting", numbers) { _ = try TCPListener(adopting: FileDescriptor(rawValue: $0)) }
    + sweep("TCPStream init(adopting:) adopting", numbers) { _ = try TCPStream(adopting: FileDescriptor(rawValue: $0)) }
    + sweep("UDPSocket init(adopting:) adopting", numbers) { _ = try UDPSocket(adopting: FileDescriptor(rawValue: $0)) }
    + sweep("UnixDatagramSocket init(adopting:) adopting", numbers) {
      _ = try UnixDatagramSocket(adopting: FileDescriptor(rawValue: $0))
    }
    + sweep("UnixListener init(adopting:) adopting", numbers) { _ = try UnixListener(adopting: FileDescriptor(rawValue: $0)) }
    + sweep("UnixStream init(adopting:) adopting", numbers) { _ = try UnixStream(adopting: FileDescriptor(rawValue: $0)) }
}

private func endpoints() -> [String] {
  let ports = Extremes.numbers(UInt16.self)
  return sweep("Endpoint ipv4(_:_:_:_:port:) _", Extremes.numbers(UInt8.self)) {
    use(.ipv4($0, $0, $0, $0, port: 0))
  }
    + sweep("Endpoint ipv4(_:_:_:_:port:) port", ports) { use(.ipv4(127, 0, 0, 1, port: $0)) }
    + sweep("Endpoint ipv4(_:port:) port", ports) { use(try .ipv4("127.0.0.1", port: $0)) }
    + sweep("Endpoint ipv6(_:port:scopeID:flowInfo:) port", ports) { use(try .ipv6("::1", port: $0)) }
    + sweep("Endpoint ipv6(_:port:scopeID:flowInfo:) scopeID", Extremes.numbers(UInt32.self)) {
      use(try .ipv6("fe80::1", port: 9, scopeID: $0))
    }
    + sweep("Endpoint ipv6(_:port:scopeID:flowInfo:) flowInfo", Extremes.numbers(UInt32.self)) {
      use(try .ipv6("::1", port: 9, flowInfo: $0))
    }
    + sweep("Endpoint address(bytes:port:scopeID:flowInfo:) port", ports) {
      use(try .address(bytes: [127, 0, 0, 1], port: $0))
    }
    + sweep("Endpoint address(bytes:port:scopeID:flowInfo:) scopeID", Extremes.numbers(UInt32.self)) {
      use(try .address(bytes: [UInt8](repeating: 0xFE, count: 16), port: 9, scopeID: $0))
    }
    + sweep("Endpoint address(bytes:port:scopeID:flowInfo:) flowInfo", Extremes.numbers(UInt32.self)) {
      use(try .address(bytes: [UInt8](repeating: 0xFE, count: 16), port: 9, flowInfo: $0))
    }
    + sweep("Endpoint loopback(port:) port", ports) { use(.loopback(port: $0)) }
    + sweep("Endpoint loopbackV6(port:) port", ports) { use(.loopbackV6(port: $0)) }
    + sweep("Endpoint any(port:) port", ports) { use(.any(port: $0)) }
    + sweep("Endpoint anyV6(port:) port", ports) { use(.anyV6(port: $0)) }
    + sweep("Endpoint withPort(_:) _", ports) { use(Endpoint.loopback(port: 1).withPort($0)) }
    + sweep("Endpoint+Resolve resolve(host:port:) port", ports) {
      try Endpoint.resolve(host: "127.0.0.1", port: $0).forEach(use)
    }
}

private func values() -> [String] {
  sweep("AcceptBatch init(count:isDrained:) count", Extremes.integers) {
    _ = AcceptBatch(count: $0, isDrained: true).hashValue
  }
    + sweep("PeerCredentials init(processID:userID:groupID:) processID", Extremes.numbers(Int32.self)) {
      _ = PeerCredentials(processID: $0, userID: 0, groupID: 0).hashValue
    }
    + sweep("PeerCredentials init(processID:userID:groupID:) userID", Extremes.numbers(UInt32.self)) {
      _ = PeerCredentials(processID: nil, userID: $0, groupID: 0).hashValue
    }
    + sweep("PeerCredentials init(processID:userID:groupID:) groupID", Extremes.numbers(UInt32.self)) {
      _ = PeerCredentials(processID: nil, userID: 0, groupID: $0).hashValue
    }
}

private func datagrams() throws -> UDPSocket {
  try UDPSocket(bindingTo: .loopback(port: 0))
}

/// Uses an endpoint in every way without a socket or a resolver.
private func use(_ endpoint: Endpoint) {
  _ = try? Endpoint(parsing: endpoint.description)
  _ = try? UDPSocket(bindingTo: endpoint)
  if let socket = try? UDPSocket(connectingTo: endpoint) { _ = try? socket.send([1]) }
  _ = try? TCPStream(connectingTo: endpoint)
}

/// Reports the values that broke a call: only the comment of a child's issue comes through.
private func tell(_ broken: [String]) {
  #expect(broken.isEmpty, "\(broken)")
}
