internal import Amy
internal import AmySockets

/// A service that sends back what it reads.
///
/// It reads only when everything has been sent back. So a client that sends but does not read is no longer read from, and costs
/// no more memory than one read; and the end of a client's input is seen after all of it has been answered.
///
/// A request that fits the kernel's buffers is one read and one write.
struct Echo: Service {
  /// Bytes that were read and could not be sent back at once: empty for nearly all clients, nearly always.
  private var unsent: [UInt8] = []
  /// The number of these bytes that have been sent since.
  private var sent = 0

  /// Returns a buffer, which a thread uses for all of its clients; its size is the maximum of one read.
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
