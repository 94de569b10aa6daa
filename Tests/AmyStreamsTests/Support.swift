import Amy
import AmySockets
import AmyStreams
import SystemPackage
import Testing

/// A failure that no test should meet on the slowest machine.
struct TookTooLong: Error {}

func wait(for interest: Interest, on source: borrowing some Pollable & ~Copyable) throws {
  let poller = try Poller()
  _ = try poller.registrar.register(source, for: interest)
  var events = EventBuffer(capacity: 1)
  try poller.wait(into: &events, timeout: .seconds(30))
  guard events.count == 1 else { throw TookTooLong() }
}

func tcpPair() throws -> SocketPair<TCPStream> {
  let listener = try TCPListener(bindingTo: .loopback(port: 0))
  let client = try TCPStream(connectingTo: listener.localEndpoint)
  try wait(for: .readable, on: listener)
  guard case .accepted(let server, _) = try listener.accept() else { throw TookTooLong() }
  try wait(for: .writable, on: client)
  return SocketPair(client, server)
}

/// Closes a socket by consuming it.
func close(_ socket: consuming some Socket & ~Copyable) {}

func bytes(_ text: String) -> [UInt8] {
  Array(text.utf8)
}

/// Encodes payloads as frames.
func frames(_ payloads: [[UInt8]], _ format: FrameFormat = FrameFormat()) throws -> [UInt8] {
  var bytes: [UInt8] = []
  for payload in payloads { try FrameEncoder(format: format).append(payload.span, to: &bytes) }
  return bytes
}

extension FrameReader {
  mutating func takeAll() throws(FrameError) -> [[UInt8]] {
    var payloads: [[UInt8]] = []
    while try next() { payloads.append(copy()) }
    return payloads
  }
}

extension LineReader {
  mutating func takeAll() throws(LineError) -> [String] {
    var lines: [String] = []
    while try next() { lines.append(try string()) }
    return lines
  }
}

/// A stream that follows a script and counts calls.
final class Script: ByteStream {
  /// A step for each read; after the last, reads block.
  enum Step {
    case bytes([UInt8])
    case end
    case fail(PollerError)
  }

  var steps: [Step]
  /// The bytes that each write accepts, 0 to block; after the last, all.
  var takes: [Int]
  private(set) var reads = 0
  private(set) var writes = 0
  private(set) var written: [UInt8] = []
  let fileDescriptor = FileDescriptor(rawValue: -1)

  init(_ steps: [Step] = [], takes: [Int] = []) {
    self.steps = steps
    self.takes = takes
  }

  func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    reads += 1
    guard let step = steps.first else { return .wouldBlock }
    switch step {
    case .end: return .closed
    case .fail(let error): throw error
    case .bytes(let bytes):
      let now = bytes.prefix(room.freeCapacity)
      for byte in now { room.append(byte) }
      steps[0] = .bytes(Array(bytes.dropFirst(now.count)))
      if now.count == bytes.count { steps.removeFirst() }
      return .bytes(now.count)
    }
  }

  func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult {
    writes += 1
    let given = segments.filter { !$0.isEmpty }.prefix(64).joined().dropFirst(offset)
    let most = takes.isEmpty ? given.count : takes.removeFirst()
    if most == 0 { return .wouldBlock }
    written += given.prefix(most)
    return .bytes(min(most, given.count))
  }
}
