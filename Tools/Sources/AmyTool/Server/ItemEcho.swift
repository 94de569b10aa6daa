internal import Amy
internal import AmySockets
internal import AmyStreams

/// A service that sends back what it reads, item by item.
///
/// While a client does not take its answers, no more is read from it, and no more is stored than the limits allow. One that
/// breaks the protocol, as with a frame too long, gets the answers to the correct items before it, and then the end.
struct ItemEcho<Items: Answering & ~Copyable>: Service, ~Copyable {
  private var items = Items()
  private var stage = Stage.open
  private var isFaulty = false

  private enum Stage: Equatable {
    case open
    /// The client will send no more.
    case ended
    /// It broke the protocol: it gets its answers, and then the end.
    case refused
    /// It got the end; this many more bytes are read and discarded, because closing with unread input is a reset, which
    /// overtakes the answers.
    case leaving(bytes: Int)
  }

  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest? {
    do throws(PollerError) {
      if case .leaving(let bytes) = stage { return try leave(stream, &buffer, unlessOver: bytes) }
      try items.flush(to: stream)
      if stage == .open, !items.isCongested {
        let progress = try items.read(from: stream)
        report.bytes += progress.bytes
        if progress.isAtEnd { stage = .ended }
      }
      try answer(on: stream, &report)
      if stage == .open { return items.isCongested ? .writable : items.interest.union(.readable) }
      if items.interest != .none { return .writable }
      if stage == .ended { return nil }
      try stream.shutdown(.writing)
      stage = .leaving(bytes: WireProtocol.limit)
      return .readable
    } catch {
      report.broken += 1
      return nil
    }
  }

  /// Answers until there is no more input or the client does not read.
  ///
  /// Buffered items cause no event: answering resumes once flushing ends the congestion, and leaves items only to wait for
  /// writing.
  private mutating func answer<Stream: EchoStream & ~Copyable>(
    on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) {
    while !items.isCongested {
      var isItem = false
      do {
        isItem = try items.answerNext()
      } catch {
        report.refused += isFaulty ? 0 : 1
        isFaulty = true
        // After the end no more input can come to discard.
        if stage == .open { stage = .refused }
      }
      report.requests += isItem ? 1 : 0
      if !isItem || items.isCongested { try items.flush(to: stream) }
      if !isItem { return }
    }
  }

  private mutating func leave<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], unlessOver bytes: Int
  ) throws(PollerError) -> Interest? {
    var room = buffer.mutableSpan
    switch try stream.read(over: &room) {
    case .closed: return nil
    case .wouldBlock: return .readable
    case .bytes(let count):
      stage = .leaving(bytes: bytes - count)
      return count < bytes ? .readable : nil
    }
  }
}
