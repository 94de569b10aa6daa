import Amy
import AmySockets
import SystemPackage
import Testing

/// A failure that no test should meet on the slowest machine.
struct TookTooLong: Error {}

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

func isReady(for interest: Interest, _ source: borrowing some Pollable & ~Copyable) throws -> Bool {
  let poller = try Poller()
  _ = try poller.registrar.register(source, for: interest, trigger: .level)
  var events = EventBuffer(capacity: 1)
  try poller.wait(into: &events, timeout: .zero)
  return events.count == 1
}

/// The kinds of stream: a promise of both is tested with both.
enum Transport: CaseIterable {
  case tcp, unix
}

/// Makes a TCP connection: the connecting end, and the accepted one.
func tcpPair(_ endpoint: Endpoint = .loopback(port: 0)) throws -> SocketPair<TCPStream> {
  let listener = try TCPListener(bindingTo: endpoint)
  let client = try TCPStream(connectingTo: listener.localEndpoint)
  let server = try accept(from: listener)
  try wait(for: .writable, on: client)
  return SocketPair(client, server)
}

/// Closes a socket by consuming it, before the end of its scope.
func close(_ socket: consuming some Socket & ~Copyable) {}

func accept<Stream: StreamSocket & ~Copyable>(from listener: borrowing ListeningSocket<Stream>) throws -> Stream {
  try wait(for: .readable, on: listener)
  return try acceptNow(from: listener)
}

/// Accepts a waiting connection, with no other descriptor.
func acceptNow<Stream: StreamSocket & ~Copyable>(from listener: borrowing ListeningSocket<Stream>) throws -> Stream {
  switch try listener.accept() {
  case .accepted(let stream, _): return stream
  case .wouldBlock: throw TookTooLong()
  }
}

/// Reads the given number of bytes, or up to the end.
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

/// Reads all that is there, or to the end.
func drain(_ stream: borrowing some StreamSocket & ~Copyable) throws -> (bytes: [UInt8], result: ReadResult) {
  var bytes: [UInt8] = []
  while true {
    let result = try stream.read(appendingTo: &bytes, atMost: 65_536)
    guard case .bytes = result else { return (bytes, result) }
  }
}

/// Writes until the kernel accepts no more, and returns the number of bytes.
func fill(_ stream: borrowing some StreamSocket & ~Copyable) throws -> Int {
  let block = [UInt8](repeating: 7, count: 65_536)
  var total = 0
  while case .bytes(let count) = try stream.write(block) {
    total += count
  }
  return total
}

func receive(
  from socket: borrowing some DatagramSocket & ~Copyable, atMost limit: Int = 65_535
) throws -> (bytes: [UInt8], result: ReceiveResult) {
  try wait(for: .readable, on: socket)
  var bytes: [UInt8] = []
  let result = try socket.receive(appendingTo: &bytes, atMost: limit)
  return (bytes, result)
}

/// Returns the error thrown, which must be Amy's.
func error(_ body: () throws -> Void) -> PollerError? {
  do {
    try body()
    return nil
  } catch {
    return error as? PollerError
  }
}

/// Whether there is a v6 loopback: some containers have none.
let hasV6 = (try? TCPListener(bindingTo: .loopbackV6(port: 0)).localEndpoint) != nil

/// Names that no other test or run uses.
enum Unique {
  /// Returns a random loopback address (Linux has 16 million), so that no test reuses a port closed here.
  static func loopback() -> Endpoint {
    let own = Endpoint.ipv4(127, .random(in: 1...254), .random(in: 1...254), .random(in: 1...254), port: 0)
    return (try? UDPSocket(bindingTo: own)) == nil ? .loopback(port: 0) : own
  }

  static func abstract() throws -> Endpoint {
    try .abstract("amy-sockets-\(UInt64.random(in: .min ... .max))")
  }

  /// Returns an abstract name, or a path where there are none.
  static func unixName() throws -> Endpoint {
    try hasAbstractNames ? abstract() : .unix(path: path())
  }

  static func path() -> String {
    "/tmp/amy-sockets-\(UInt64.random(in: .min ... .max)).sock"
  }
}
