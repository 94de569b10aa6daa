import Amy
import AmySockets
import SystemPackage
import Testing

@Suite("A datagram socket")
struct DatagramTests {
  @Test("receives whole datagrams, with their sender")
  func v4() throws {
    try check(UDPSocket(bindingTo: .loopback(port: 0)), UDPSocket(bindingTo: .loopback(port: 0)))
  }

  @Test("receives datagrams over v6", .enabled(if: hasV6))
  func v6() throws {
    try check(UDPSocket(bindingTo: .loopbackV6(port: 0)), UDPSocket(bindingTo: .loopbackV6(port: 0)))
  }

  @Test("receives datagrams over Unix paths")
  func path() throws {
    let (first, second) = (Unique.path(), Unique.path())
    defer {
      Files.remove(first)
      Files.remove(second)
    }
    try check(
      UnixDatagramSocket(bindingTo: .unix(path: first)), UnixDatagramSocket(bindingTo: .unix(path: second)))
  }

  @Test("receives datagrams over abstract names")
  func abstract() throws {
    try check(UnixDatagramSocket(bindingTo: Unique.abstract()), UnixDatagramSocket(bindingTo: Unique.abstract()))
  }

  @Test("sends spans, also to a name when connected, and adopts a descriptor")
  func adopted() throws {
    let receiver = try UnixDatagramSocket(bindingTo: Unique.abstract())
    let connected = try UnixDatagramSocket(connectingTo: receiver.localEndpoint)
    #expect(try connected.send([5]) == .sent)
    let other = try UnixDatagramSocket(bindingTo: Unique.abstract())
    #expect(try other.send([6, 7].span, to: receiver.localEndpoint) == .sent)
    for expected in [[5], [6, 7]] as [[UInt8]] {
      var bytes: [UInt8] = []
      _ = try receiver.receive(appendingTo: &bytes, atMost: 10)
      #expect(bytes == expected)
    }
    let made = try UDPSocket(bindingTo: .loopback(port: 0))
    let endpoint = try made.localEndpoint
    let adopted = UDPSocket(OwnedSocket(owning: try made.fileDescriptor.duplicate()))
    #expect(try adopted.localEndpoint == endpoint)
  }

  private func check<Socket: DatagramSocket & ~Copyable>(_ sender: borrowing Socket, _ receiver: borrowing Socket) throws {
    let (from, to) = (try sender.localEndpoint, try receiver.localEndpoint)
    var none: [UInt8] = []
    #expect(try receiver.receive(appendingTo: &none, atMost: 10) == .wouldBlock)

    #expect(try sender.send([1, 2, 3], to: to) == .sent)
    #expect(try sender.send([], to: to) == .sent)
    #expect(try sender.send([4], to: to) == .sent)
    let first = try receive(from: receiver)
    #expect(first.bytes == [1, 2, 3])
    #expect(first.result == .datagram(bytes: 3, from: from, isTruncated: false))
    let empty = try receive(from: receiver)
    #expect(empty.bytes == [])
    #expect(empty.result == .datagram(bytes: 0, from: from, isTruncated: false))
    let last = try receive(from: receiver)
    #expect(last.result == .datagram(bytes: 1, from: from, isTruncated: false))
    #expect(try receiver.receive(appendingTo: &none, atMost: 10) == .wouldBlock)
  }

  @Test("truncates a datagram that is longer than the room, and says so", arguments: [0, 1, 4, 5, 6])
  func truncated(_ room: Int) throws {
    func check(_ sender: borrowing some DatagramSocket & ~Copyable, _ receiver: borrowing some DatagramSocket & ~Copyable)
      throws
    {
      #expect(try sender.send([1, 2, 3, 4, 5]) == .sent)
      #expect(try sender.send([6]) == .sent)
      let (bytes, result) = try receive(from: receiver, atMost: room)
      #expect(bytes == Array([1, 2, 3, 4, 5].prefix(room)))
      guard case .datagram(let count, _, let isTruncated) = result else { throw TookTooLong() }
      #expect(count == min(room, 5))
      #expect(isTruncated == (room < 5))
      // The rest is lost; the next one is whole.
      #expect(try receive(from: receiver).bytes == [6])
    }
    let udp = try UDPSocket(bindingTo: .loopback(port: 0))
    try check(UDPSocket(connectingTo: udp.localEndpoint), udp)
    let pair = try UnixDatagramSocket.pair()
    try check(pair.first, pair.second)
  }

  @Test("peeks at a datagram without taking it")
  func peek() throws {
    let pair = try UnixDatagramSocket.pair()
    let receiver = pair.second
    var seen: [UInt8] = []
    func peek(_ count: Int) throws -> ReceiveResult {
      var result = ReceiveResult.wouldBlock
      try seen.append(addingCapacity: count) { (room: inout OutputSpan<UInt8>) throws in
        result = try receiver.peek(into: &room)
      }
      return result
    }
    #expect(try peek(4) == .wouldBlock)
    #expect(try pair.first.send([1, 2, 3]) == .sent)
    #expect(try peek(2) == .datagram(bytes: 2, from: .unnamed, isTruncated: true))
    #expect(try peek(4) == .datagram(bytes: 3, from: .unnamed, isTruncated: false))
    #expect(seen == [1, 2, 1, 2, 3])
    #expect(try receive(from: receiver).bytes == [1, 2, 3])
  }

  @Test("appends to the contents of a span")
  func outputSpan() throws {
    let pair = try UnixDatagramSocket.pair()
    _ = try pair.first.send([1, 2].span)
    let bytes = try [UInt8](capacity: 8) { (room: inout OutputSpan<UInt8>) throws in
      room.append(9)
      #expect(try pair.second.receive(into: &room) == .datagram(bytes: 2, from: .unnamed, isTruncated: false))
    }
    #expect(bytes == [9, 1, 2])
  }

  @Test("receives only from its connected peer, until disconnected")
  func connected() throws {
    let socket = try UDPSocket(bindingTo: .loopback(port: 0))
    let ours = try UDPSocket(bindingTo: .loopback(port: 0))
    let theirs = try UDPSocket(bindingTo: .loopback(port: 0))
    let address = try socket.localEndpoint
    #expect(error { _ = try socket.send([1]) }?.code == .notConnected)
    #expect(error { _ = try socket.peerEndpoint }?.code == .notConnected)
    try socket.connect(to: ours.localEndpoint)
    #expect(try socket.peerEndpoint == ours.localEndpoint)
    #expect(try theirs.send([1], to: address) == .sent)
    #expect(try ours.send([2], to: address) == .sent)
    #expect(try receive(from: socket).bytes == [2])
    #expect(try socket.send([3]) == .sent)
    #expect(try receive(from: ours).bytes == [3])
    try socket.disconnect()
    #expect(error { _ = try socket.send([1]) }?.code == .notConnected)
  }

  @Test("reports a missing receiver, and keeps working")
  func refused() throws {
    let gone = try UDPSocket(bindingTo: Unique.loopback()).localEndpoint
    let socket = try UDPSocket(connectingTo: gone)
    #expect(try socket.send([1]) == .sent)
    try wait(for: .readable, on: socket)
    var bytes: [UInt8] = []
    #expect(error { _ = try socket.receive(appendingTo: &bytes, atMost: 9) }?.code == .connectionRefused)
    #expect(try socket.receive(appendingTo: &bytes, atMost: 9) == .wouldBlock)
  }

  @Test("reports a closed or missing Unix receiver, without a signal")
  func unixReceiverGone() throws {
    let pair = try UnixDatagramSocket.pair()
    let socket = pair.first
    close(pair.second)
    #expect(error { _ = try socket.send([1]) }?.code == .connectionRefused)
    let named = try UnixDatagramSocket(bindingTo: Unique.abstract())
    #expect(error { _ = try named.send([1], to: .unix(path: Unique.path())) }?.code == .addressNotAvailable)
    #expect(error { _ = try named.send([1], to: Unique.abstract()) }?.code == .connectionRefused)
  }

  @Test("would block when a Unix receiver's queue is full")
  func fullQueue() throws {
    let pair = try UnixDatagramSocket.pair()
    var sent = 0
    while try pair.first.send([1]) == .sent { sent += 1 }
    #expect(sent > 0)
    #expect(try !isReady(for: .writable, pair.first))
    for _ in 0..<sent { _ = try receive(from: pair.second) }
    #expect(try pair.first.send([1]) == .sent)
  }

  @Test(
    "needs one wait each time a Unix receiver is full, not a busy loop, connected or not",
    arguments: [false, true])
  func patience(isConnected: Bool) throws {
    let receiver = try UnixDatagramSocket(bindingTo: Unique.unixName())
    let sender = try UnixDatagramSocket(bindingTo: Unique.unixName())
    let address = try receiver.localEndpoint
    if isConnected { try sender.connect(to: address) }
    let poller = try Poller()
    let registrar = poller.registrar
    let id = try registrar.register(sender, for: .none)
    var events = EventBuffer(capacity: 4)
    var (sent, received, waits) = (0, 0, 0)
    while sent < 200, waits < 1_000 {
      let result = try isConnected ? sender.send([1]) : sender.send([1], to: address)
      if result == .sent {
        sent += 1
        continue
      }
      // As the results advise: wait until writable, or for a time.
      if result == .wouldBlock {
        try registrar.reregister(sender, as: id, for: .writable, trigger: .once)
      } else {
        _ = try registrar.scheduleTimer(after: .milliseconds(2))
      }
      // A slow receiver: it reads only when the sender is idle.
      try poller.wait(into: &events, timeout: .zero)
      if events.count == 0 {
        while case .datagram = try receiveNow(from: receiver) { received += 1 }
        try poller.wait(into: &events, timeout: .seconds(30))
      }
      #expect(events.count == 1)
      waits += 1
    }
    while case .datagram = try receiveNow(from: receiver) { received += 1 }
    #expect(sent == 200)
    #expect(received == 200)
    #expect(waits <= 200, "\(waits) waits for \(sent) datagrams")
  }

  private func receiveNow(from socket: borrowing UnixDatagramSocket) throws -> ReceiveResult {
    var bytes: [UInt8] = []
    return try socket.receive(appendingTo: &bytes, atMost: 9)
  }

  @Test("refuses a datagram that is too long")
  func tooLong() throws {
    let socket = try UDPSocket(connectingTo: .loopback(port: 9))
    let error = error { _ = try socket.send([UInt8](repeating: 0, count: 65_536)) }
    #expect(error?.code == .messageTooLong)
    #expect(error?.errno == .messageTooLong)
  }

  @Test("sends the longest datagram")
  func longest() throws {
    let receiver = try UDPSocket(bindingTo: .loopback(port: 0))
    let sender = try UDPSocket(connectingTo: receiver.localEndpoint)
    let message = [UInt8](repeating: 5, count: 65_507)
    #expect(try sender.send(message) == .sent)
    #expect(try receive(from: receiver).bytes == message)
  }

  @Test("shares an address, and joins and leaves a group")
  func multicast() throws {
    let group = Endpoint.ipv4(239, 255, 77, 77, port: 0)
    let first = try UDPSocket(bindingTo: .any(port: 0), sharesAddress: true)
    let address = try first.localEndpoint
    #expect(error { _ = try UDPSocket(bindingTo: address) }?.code == .addressInUse)
    let second = try UDPSocket(bindingTo: address, sharesAddress: true)
    // The loopback interface: nothing leaves this machine.
    try first.join(group, interface: 1)
    #expect(error { try first.join(group, interface: 1) }?.code == .addressInUse)
    try first.leave(group, interface: 1)
    #expect(error { try first.leave(group, interface: 1) }?.code == .addressNotAvailable)
    #expect(error { try first.join(.loopback(port: 0), interface: 1) }?.code == .invalidArgument)
    _ = consume second
  }

  @Test("shares a port if all sockets request it")
  func sharedPort() throws {
    let first = try UDPSocket(bindingTo: .loopback(port: 0), sharesPort: true)
    _ = try UDPSocket(bindingTo: first.localEndpoint, sharesPort: true)
  }
}
