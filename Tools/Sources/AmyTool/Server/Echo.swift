internal import Amy
internal import AmySockets

/// A service that sends back what it reads.
///
/// It reads only when all is sent back: a client that does not read costs at most the memory of one read, and the end of its
/// input is seen after all answers. A request that fits the kernel's buffers is one read and one write.
struct Echo: Service {
  /// Bytes read, not sent back at once: nearly always none.
  private var unsent: [UInt8] = []
  /// Those sent since.
  private var sent = 0

  /// A thread's buffer for all its clients: the maximum of one read.
  static func buffer() -> [UInt8] { [UInt8](repeating: 0, count: 1 << 16) }

  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest? {
    do throws(PollerError) {
      if unsent.isEmpty {
        var room = buffer.mutableSpan
        switch try stream.read(over: &room) {
        case .closed: return nil
        case .wouldBlock: break
        case .bytes(let count):
          report.requests += 1
          report.bytes += count
          try answer(buffer.span.extracting(first: count), on: stream)
        }
      } else {
        try finish(on: stream)
      }
      return unsent.isEmpty ? .readable : .writable
    } catch {
      report.broken += 1
      return nil
    }
  }

  private mutating func answer<Stream: EchoStream & ~Copyable>(
    _ bytes: Span<UInt8>, on stream: borrowing Stream
  ) throws(PollerError) {
    var written = 0
    if case .bytes(let count) = try stream.write(bytes) { written = count }
    if written < bytes.count { unsent = bytes.indices[written...].map { bytes[$0] } }
  }

  private mutating func finish<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError) {
    guard case .bytes(let count) = try stream.write(unsent[sent...]) else { return }
    sent += count
    if sent == unsent.count { self = Echo() }
  }
}
