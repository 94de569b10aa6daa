internal import Amy
internal import AmySockets
internal import AmyStreams

/// A service that sends back what it reads, item by item.
///
/// While a client does not take its answers, no more is read from it, and no more is stored for it than the limits allow. A
/// client that breaks the protocol, for example with a frame that is too long, gets the answers to all correct items before it,
/// and then the end.
struct ItemEcho<Items: Answering & ~Copyable>: Service, ~Copyable {
  private var items = Items()
  private var stage = Stage.open
  private var isFaulty = false

  private enum Stage: Equatable {
    case open
    /// The client will send no more.
    case ended
    /// The client broke the protocol: it gets its answers, and then the end.
    case refused
    /// The client got the end. The given number of further bytes is read and discarded: closing with unread input would be a
    /// reset, which overtakes the answers.
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

  /// Answers input until there is no more, or until the client does not read.
  ///
  /// Buffered items do not cause an event. So answering continues as soon as flushing ends the congestion, and leaves items
  /// only if it must wait for writing.
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
        // After the end no more input can come, so none must be discarded.
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
