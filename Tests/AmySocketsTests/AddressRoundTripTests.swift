import Amy
import AmySockets
import AmyTestSupport
import SystemPackage
import Testing

/// An address from the kernel can be passed back unchanged, directly and as text.
@Suite("An address from the kernel")
struct AddressRoundTripTests {
  @Test("hands a v6 scope to the kernel", .enabled(if: hasV6 && KernelDifferences.system.hasPriority))
  func scope() throws {
    func refusal(_ text: String) throws -> PollerError? {
      let endpoint = try Endpoint(parsing: text)
      return error { _ = try UDPSocket(bindingTo: endpoint) }
    }
    // Nothing has this address: Linux looks for it on the interface, and cannot without a scope.
    #expect(try refusal("[fe80::1:2:3:4%lo]:0")?.errno == .addressNotAvailable)
    #expect(try refusal("[fe80::1:2:3:4]:0")?.errno == .invalidArgument)
  }

  @Test("is a Unix path of any length and any bytes, and an answer to it reaches no other socket")
  func paths() async {
    await #expect(processExitsWith: .success) { try Child.paths() }
  }

  @Test("is an abstract name of any length and any bytes, including NUL", .enabled(if: hasAbstractNames))
  func abstractNames() async {
    await #expect(processExitsWith: .success) { try Child.abstractNames() }
  }

  @Test("is an unnamed Unix address, which cannot be sent to")
  func unnamed() throws {
    let pair = try UnixDatagramSocket.pair()
    _ = try pair.first.send([1])
    guard case .datagram(_, let sender, _) = try receive(from: pair.second).result else { throw TookTooLong() }
    for endpoint in [sender, try pair.first.localEndpoint, try pair.first.peerEndpoint] {
      #expect(endpoint == .unnamed)
      try expectRoundTrip(endpoint)
    }
    let socket = try UnixDatagramSocket(bindingTo: Unique.abstract())
    #expect(error { _ = try socket.send([1], to: sender) }?.code == .invalidArgument)
    #expect(error { try socket.connect(to: sender) }?.code == .invalidArgument)
  }

  @Test("is a v4 address", arguments: 0..<20)
  func v4(_ round: Int) throws {
    let bytes = [127, .random(in: 0...255), .random(in: 0...255), UInt8.random(in: 1...254)]
    try exchange(UDPSocket(bindingTo: .address(bytes: bytes, port: 0)), UDPSocket(bindingTo: .loopback(port: 0)))
    let listener = try TCPListener(bindingTo: .address(bytes: bytes, port: 0))
    let client = try TCPStream(connectingTo: listener.localEndpoint)
    try wait(for: .readable, on: listener)
    guard case .accepted(let server, let peer) = try listener.accept() else { throw TookTooLong() }
    #expect(try peer == client.localEndpoint)
    #expect(try server.peerEndpoint == client.localEndpoint)
    #expect(try server.localEndpoint == client.peerEndpoint)
    for endpoint in [peer, try server.localEndpoint] { try expectRoundTrip(endpoint) }
  }

  @Test("is a v6 address", .enabled(if: hasV6))
  func v6() throws {
    try exchange(UDPSocket(bindingTo: .loopbackV6(port: 0)), UDPSocket(bindingTo: .loopbackV6(port: 0)))
  }

  @Test("is what a datagram socket was connected to: any v4 or v6 address, with scope and flow information")
  func connected() throws {
    var random = SplitMix(state: .random(in: .min ... .max))
    for _ in 0..<500 {
      let endpoint = try randomAddress(&random)
      // Skip an address without a route.
      guard let socket = try? endpoint.family == .ipv4 ? UDPSocket(bindingTo: .any(port: 0)) : flowTellingSocket(),
        (try? socket.connect(to: endpoint)) != nil
      else { continue }
      let peer = try socket.peerEndpoint
      // The kernel connects an unspecified address to this machine.
      if endpoint.addressBytes?.contains(where: { $0 != 0 }) == true {
        #expect(peer.addressBytes == endpoint.addressBytes)
        #expect(peer.port == endpoint.port)
        #expect(peer.flowInfo == endpoint.flowInfo)
      }
      try expectRoundTrip(peer)
      try expectRoundTrip(socket.localEndpoint)
      for same in [peer, try Endpoint(parsing: peer.description)] {
        try socket.connect(to: same)
        #expect(try socket.peerEndpoint == peer)
      }
    }
  }

  @Test("is an IPv4-mapped address, from a v6 listener for a v4 client", .enabled(if: hasV6))
  func mapped() throws {
    let listener = try TCPListener(bindingTo: .anyV6(port: 0))
    let client = try TCPStream(connectingTo: .loopback(port: listener.localEndpoint.port ?? 0))
    try wait(for: .readable, on: listener)
    guard case .accepted(let server, let peer) = try listener.accept() else { throw TookTooLong() }
    #expect(peer.host == "::ffff:127.0.0.1")
    #expect(try peer != client.localEndpoint)
    #expect(try peer.unmapped == client.localEndpoint)
    #expect(try peer == client.localEndpoint.mapped)
    for endpoint in [peer, try server.localEndpoint, try server.peerEndpoint] { try expectRoundTrip(endpoint) }
    close(client)
  }

  @Test("reaches a v4 peer from a v6 socket, as it came and mapped", .enabled(if: hasV6))
  func mappedDatagrams() throws {
    let socket = try UDPSocket(bindingTo: .anyV6(port: 0))
    let peer = try UDPSocket(bindingTo: .loopback(port: 0))
    #expect(try socket.send([1], to: peer.localEndpoint.mapped) == .sent)
    #expect(try receive(from: peer).bytes == [1])
    #expect(try peer.send([2], to: .loopback(port: socket.localEndpoint.port ?? 0)) == .sent)
    guard case .datagram(_, let sender, _) = try receive(from: socket).result else { throw TookTooLong() }
    #expect(try sender.unmapped == peer.localEndpoint)
    #expect(try socket.send([3], to: sender) == .sent)
    #expect(try receive(from: peer).bytes == [3])
  }

  @Test("is the same after parsing its text, whatever it is")
  func text() throws {
    var random = SplitMix(state: .random(in: .min ... .max))
    for _ in 0..<2_000 { try expectRoundTrip(randomAddress(&random)) }
  }
}

let hasAbstractNames = (try? Endpoint.abstract("")) != nil

/// Takes an endpoint apart and rebuilds it in all ways.
private func expectRoundTrip(_ endpoint: Endpoint) throws {
  #expect(try Endpoint(parsing: endpoint.description) == endpoint, "\(endpoint)")
  if let path = endpoint.path { #expect(try Endpoint.unix(path: path) == endpoint, "\(endpoint)") }
  if let path = endpoint.pathBytes { #expect(try Endpoint.unix(path: path) == endpoint, "\(endpoint)") }
  if let name = endpoint.abstractName { #expect(try Endpoint.abstract(name) == endpoint, "\(endpoint)") }
  if let bytes = endpoint.addressBytes, let port = endpoint.port {
    let made = try Endpoint.address(bytes: bytes, port: port, scopeID: endpoint.scopeID, flowInfo: endpoint.flowInfo)
    #expect(made == endpoint)
  }
}

/// Returns a v4 or v6 address; many v6 ones have zeros, which their text omits, a scope, or flow information.
private func randomAddress(_ random: inout SplitMix) throws -> Endpoint {
  func byte() -> UInt8 { UInt8(truncatingIfNeeded: random.next()) }
  let port = UInt16(truncatingIfNeeded: random.next())
  switch random.below(8) {
  case 0, 1: return .ipv4(byte(), byte(), byte(), byte(), port: port)
  case 2: return try .ipv6("::1", port: port, flowInfo: UInt32(byte()) << 20)
  // Link-local: it includes an interface's number.
  case 3:
    let bytes = [0xFE, 0x80, 0, 0, 0, 0, 0, 0, byte(), byte(), byte(), byte(), byte(), byte(), byte(), byte()]
    return try .address(bytes: bytes, port: port, scopeID: UInt32(random.below(8)))
  case 4:
    let bytes = [UInt8](repeating: 0, count: 10) + [255, 255, byte(), byte(), byte(), byte()]
    return try .address(bytes: bytes, port: port)
  default:
    var bytes = (0..<16).map { _ in byte() }
    let start = random.below(16)
    for index in start..<min(16, start + random.below(16)) { bytes[index] = 0 }
    // Only the traffic class: flow labels must be leased.
    return try .address(bytes: bytes, port: port, flowInfo: random.below(2) == 0 ? 0 : UInt32(byte()) << 20)
  }
}

/// Makes a v6 socket for which the kernel reports flow information.
private func flowTellingSocket() throws -> UDPSocket {
  let socket = try UDPSocket(bindingTo: .anyV6(port: 0))
  Files.tellFlowInfo(socket.fileDescriptor)
  return socket
}

/// Checks that the asker gets the answer, by each form of its address.
private func exchange<Socket: DatagramSocket & ~Copyable>(
  _ asker: borrowing Socket, _ answerer: borrowing Socket
) throws {
  #expect(try asker.send([1], to: answerer.localEndpoint) == .sent)
  guard case .datagram(_, let sender, _) = try receive(from: answerer).result else { throw TookTooLong() }
  #expect(try sender == asker.localEndpoint)
  for number in 0..<2 {
    let way = try number == 0 ? sender : Endpoint(parsing: sender.description)
    #expect(try answerer.send([UInt8(number)], to: way) == .sent, "\(sender)")
    #expect(try receive(from: asker).bytes == [UInt8(number)], "\(sender)")
  }
  try answerer.connect(to: sender)
  #expect(try answerer.peerEndpoint == sender)
  #expect(try answerer.send([9]) == .sent)
  #expect(try receive(from: asker).bytes == [9])
  try expectRoundTrip(sender)
}

/// The children's work, in a folder of their own, where a path can be one byte.
private enum Child {
  static func paths() throws {
    var random = SplitMix(state: .random(in: .min ... .max))
    try Files.inFolderOfItsOwn {
      for length in 1...Files.longestPath {
        for isText in [true, false] {
          try path(randomName(length, &random) { isText ? 97 + $0 % 26 : $0 == 0 || $0 == 47 ? 200 : $0 })
        }
      }
    }
  }

  /// Tests a path bound by a program without Amy, next to one a byte shorter.
  private static func path(_ bytes: [UInt8]) throws {
    // Names of folders.
    if bytes == [46] || bytes == [46, 46] { return }
    defer { Files.remove(bytes) }
    let shorter = Array(bytes.dropLast())
    let bystander = try shorter.isEmpty ? nil : UnixDatagramSocket(adopting: Files.boundDatagramSocket(to: shorter))
    defer { if !shorter.isEmpty { Files.remove(shorter) } }
    let endpoint: Endpoint
    do {
      let asker = try UnixDatagramSocket(adopting: Files.boundDatagramSocket(to: bytes))
      endpoint = try asker.localEndpoint
      try exchange(asker, UnixDatagramSocket(bindingTo: Unique.unixName()))
    }
    if let bystander {
      var others: [UInt8] = []
      #expect(try bystander.receive(appendingTo: &others, atMost: 9) == .wouldBlock, "\(endpoint) and the shorter one")
    }
    Files.remove(bytes)
    #expect(try UnixDatagramSocket(bindingTo: endpoint).localEndpoint == endpoint)
    Files.remove(bytes)
    let listener = try UnixListener(bindingTo: Unique.unixName())
    let client = try UnixStream(connectingTo: listener.localEndpoint, from: endpoint)
    guard case .accepted(let server, let peer) = try listener.accept() else { throw TookTooLong() }
    #expect(peer == endpoint)
    #expect(try server.peerEndpoint == endpoint)
    #expect(try client.localEndpoint == endpoint)
  }

  static func abstractNames() throws {
    var random = SplitMix(state: .random(in: .min ... .max))
    for length in 0...107 {
      for isZero in [true, false] {
        // Another process may have the shortest names now.
        for attempt in 0... {
          do {
            let name = randomName(length, &random) { isZero && attempt == 0 ? 0 : $0 }
            let asker = try UnixDatagramSocket(bindingTo: .abstract(name))
            #expect(try asker.localEndpoint.abstractName == name)
            try exchange(asker, UnixDatagramSocket(bindingTo: Unique.abstract()))
            break
          } catch let error as PollerError {
            guard error.code == .addressInUse, attempt < 10_000 else { throw error }
            if length < 2 { Files.pause() }
          }
        }
      }
    }
  }

  private static func randomName(_ length: Int, _ random: inout SplitMix, _ byte: (UInt8) -> UInt8) -> [UInt8] {
    (0..<length).map { _ in byte(UInt8(truncatingIfNeeded: random.next() >> 20)) }
  }
}
