internal import Amy
internal import AmySockets

/// What the server does with a client: sends back what it reads.
///
/// It reads only when everything has been sent back. So a client that sends and never reads is not read from any more, and
/// costs no more memory than one read; and the end of what a client sends is seen after the last of it was answered.
///
/// A request that fits the kernel's buffers is one read and one write.
struct Echo: Service {
  /// What was read and could not be sent back at once: empty for nearly all clients, nearly always.
  private var unsent: [UInt8] = []
  /// How much of that was sent since.
  private var sent = 0

  /// The most to read at a time: each thread has one buffer of that size for all of its clients.
  static var readSize: Int { 1 << 16 }

  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest? {
    do throws(PollerError) {
      if unsent.isEmpty {
        buffer.removeAll(keepingCapacity: true)
        switch try stream.read(appendingTo: &buffer, atMost: Self.readSize) {
        case .closed: return nil
        case .wouldBlock: break
        case .bytes(let count):
          report.requests += 1
          report.bytes += count
          try answer(buffer, on: stream)
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
    _ bytes: borrowing [UInt8], on stream: borrowing Stream
  ) throws(PollerError) {
    var written = 0
    if case .bytes(let count) = try stream.write(bytes) { written = count }
    if written < bytes.count { unsent = Array(bytes[written...]) }
  }

  private mutating func finish<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError) {
    guard case .bytes(let count) = try stream.write(unsent[sent...]) else { return }
    sent += count
    if sent == unsent.count { self = Echo() }
  }
}
