internal import Amy
internal import AmySockets
internal import AmyStreams

/// Sends back what it reads, item by item.
///
/// While a client does not take its answers nothing more of it is read, and no more is kept of it than the limits say. Who
/// breaks the protocol, by a frame that is too long, say, is cut off.
struct ItemEcho<Items: Answering & ~Copyable>: Service, ~Copyable {
  private var items = Items()
  private var isAtEnd = false

  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest? {
    do {
      try items.flush(to: stream)
      // What was left when the client did not read.
      try answer(on: stream, &report)
      if !items.isCongested, !isAtEnd {
        let progress = try items.read(from: stream)
        report.bytes += progress.bytes
        isAtEnd = progress.isAtEnd
        try answer(on: stream, &report)
      }
    } catch {
      if error is PollerError { report.broken += 1 } else { report.refused += 1 }
      return nil
    }
    if isAtEnd { return items.interest == .none ? nil : .writable }
    return items.isCongested ? .writable : items.interest.union(.readable)
  }

  private mutating func answer<Stream: EchoStream & ~Copyable>(
    on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws {
    while !items.isCongested {
      let isItem = try items.answerNext()
      report.requests += isItem ? 1 : 0
      if !isItem || items.isCongested { try items.flush(to: stream) }
      if !isItem { return }
    }
  }
}
