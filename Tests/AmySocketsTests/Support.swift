import Amy
import AmySockets
import SystemPackage
import Testing

/// What no test of this module should ever meet, however slow the machine.
struct TookTooLong: Error {}

/// Waits until the source is ready, and says for what.
@discardableResult
func wait(
  for interest: Interest, on source: borrowing some Pollable & ~Copyable
) throws -> Readiness {
  let poller = try Poller()
  let id = try poller.registrar.register(source, for: interest)
  var events = EventBuffer(capacity: 1)
  try poller.wait(into: &events, timeout: .seconds(30))
  guard events.count == 1 else { throw TookTooLong() }
  #expect(events[0].id == id)
  return events[0].readiness
}

/// Whether the source is ready at this moment.
func isReady(for interest: Interest, _ source: borrowing some Pollable & ~Copyable) throws -> Bool {
  let poller = try Poller()
  _ = try poller.registrar.register(source, for: interest, trigger: .level)
  var events = EventBuffer(capacity: 1)
  try poller.wait(into: &events, timeout: .zero)
  return events.count == 1
}

/// The two kinds of stream: what serves both is tested with both.
enum Transport: CaseIterable {
  case tcp, unix
}

/// Both ends of a TCP connection: the one that connected, and the one that was accepted.
func tcpPair(_ endpoint: Endpoint = .loopback(port: 0)) throws -> SocketPair<TCPStream> {
  let listener = try TCPListener(bindingTo: endpoint)
  let client = try TCPStream(connectingTo: listener.localEndpoint)
  let server = try accept(from: listener)
  try wait(for: .writable, on: client)
  return SocketPair(client, server)
}

/// Lets a socket go, and so closes it.
///
/// Else it stays open to the end of its scope.
func close(_ socket: consuming some Socket & ~Copyable) {}

/// Waits for a connection.
func accept<Stream: StreamSocket & ~Copyable>(from listener: borrowing ListeningSocket<Stream>) throws -> Stream {
  try wait(for: .readable, on: listener)
  return try acceptNow(from: listener)
}

/// Takes the connection that is known to be there.
///
/// Needs no descriptor but the connection's.
func acceptNow<Stream: StreamSocket & ~Copyable>(from listener: borrowing ListeningSocket<Stream>) throws -> Stream {
  switch try listener.accept() {
  case .accepted(let stream, _): return stream
  case .wouldBlock: throw TookTooLong()
  }
}

/// Reads so many bytes, or fewer if the end comes first.
func read(_ count: Int, from stream: borrowing some StreamSocket & ~Copyable) throws -> [UInt8] {
  var bytes: [UInt8] = []
  while bytes.count < count {
    switch try stream.read(appendingTo: &bytes, atMost: count - bytes.count) {
    case .bytes: continue
    case .wouldBlock: try wait(for: .readable, on: stream)
    case .closed: return bytes
    }
  }
  return bytes
}

/// Reads until there is nothing more for now, or the end.
func drain(_ stream: borrowing some StreamSocket & ~Copyable) throws -> (bytes: [UInt8], result: ReadResult) {
  var bytes: [UInt8] = []
  while true {
    let result = try stream.read(appendingTo: &bytes, atMost: 65_536)
    guard case .bytes = result else { return (bytes, result) }
  }
}

/// Writes until the kernel takes no more, and says how much it took.
func fill(_ stream: borrowing some StreamSocket & ~Copyable) throws -> Int {
  let block = [UInt8](repeating: 7, count: 65_536)
  var total = 0
  while case .bytes(let count) = try stream.write(block) {
    total += count
  }
  return total
}

/// Waits for a datagram.
func receive(
  from socket: borrowing some DatagramSocket & ~Copyable, atMost limit: Int = 65_535
) throws -> (bytes: [UInt8], result: ReceiveResult) {
  try wait(for: .readable, on: socket)
  var bytes: [UInt8] = []
  let result = try socket.receive(appendingTo: &bytes, atMost: limit)
  return (bytes, result)
}

/// The error that the body throws, which must be one of Amy's.
func error(_ body: () throws -> Void) -> PollerError? {
  do {
    try body()
    return nil
  } catch {
    return error as? PollerError
  }
}

/// Whether this machine has a v6 loopback: some containers do not.
let hasV6 = (try? TCPListener(bindingTo: .loopbackV6(port: 0)).localEndpoint) != nil

/// Names that no other test, and no other run, has.
enum Unique {
  /// A loopback address of its own, so that what was closed there is not taken by another test.
  ///
  /// Linux has 16 million.
  static func loopback() -> Endpoint {
    let own = Endpoint.ipv4(127, .random(in: 1...254), .random(in: 1...254), .random(in: 1...254), port: 0)
    return (try? UDPSocket(bindingTo: own)) == nil ? .loopback(port: 0) : own
  }

  static func abstract() throws -> Endpoint {
    try .abstract("amy-sockets-\(UInt64.random(in: .min ... .max))")
  }

  /// An abstract name where there are such, and else a path.
  static func unixName() throws -> Endpoint {
    try hasAbstractNames ? abstract() : .unix(path: path())
  }

  static func path() -> String {
    "/tmp/amy-sockets-\(UInt64.random(in: .min ... .max)).sock"
  }
}
