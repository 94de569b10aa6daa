internal import Amy
internal import AmySockets
internal import AmyStreams

/// Protocol echo: bytes come back unchanged.
struct EchoExchange: Exchange {
  private let place: LoadPlan.Place
  private var window = 0..<0
  private var sent = 0
  private var received = 0

  init(_ place: LoadPlan.Place) {
    self.place = place
  }

  mutating func begin<Stream: EchoStream & ~Copyable>(
    _ request: Int, _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError) {
    window = pattern.window(of: request, on: place.number)
    (sent, received) = (0, 0)
    try flush(pattern, on: stream)
  }

  mutating func flush<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError) {
    let rest = window.dropFirst(sent)
    if case .bytes(let count) = try stream.write(pattern.bytes.span.extracting(rest)) { sent += count }
  }

  var isStuck: Bool { sent < window.count }

  mutating func receive<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, _ buffer: inout [UInt8], on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) -> Reception {
    buffer.removeAll(keepingCapacity: true)
    switch try stream.read(appendingTo: &buffer, atMost: buffer.capacity) {
    case .closed: return .closed
    case .wouldBlock: return .goesOn
    case .bytes(let count):
      report.bytes += count
      return check(buffer, count, pattern)
    }
  }

  private mutating func check(_ buffer: borrowing [UInt8], _ count: Int, _ pattern: Pattern) -> Reception {
    guard received + count <= sent else { return .wrong("the server sent more than it received") }
    if let position = pattern.mismatch(buffer.span, in: window.dropFirst(received).prefix(count)) {
      return .wrong("byte \(received + position) differs from what was sent")
    }
    received += count
    return received < window.count ? .goesOn : .whole
  }
}
