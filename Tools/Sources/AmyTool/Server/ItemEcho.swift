internal import Amy
internal import AmySockets
internal import AmyStreams

/// Sends back what it reads, item by item.
///
/// While a client does not take its answers nothing more of it is read, and no more is kept of it than the limits say. Who
/// breaks the protocol, by a frame that is too long, say, gets the answers to all that was right before, and then the end.
struct ItemEcho<Items: Answering & ~Copyable>: Service, ~Copyable {
  private var items = Items()
  private var stage = Stage.open
  private var isFaulty = false

  private enum Stage: Equatable {
    case open
    /// The client will send no more.
    case ended
    /// What the client sent is not what it should be: it gets its answers, and then the end.
    case refused
    /// It has got the end. So many bytes more are read and thrown away: to close with unread input would be a reset, which
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

  /// Answers what has come until there is no more, or the client does not read.
  ///
  /// Items that are left make no event. So it goes on as soon as flushing ends the congestion, and leaves some only where
  /// writing is to be waited for.
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
        // After the end nothing more can come, and nothing is to be thrown away.
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
