public import Amy

/// Writes bytes, lines say, to a stream that does not block, and keeps what it does not take at once.
///
/// ```swift
/// var output = StreamWriter(limit: 1 << 20)
/// try output.write("250 OK\r\n", to: registration.source)
/// try registration.arm(for: output.interest.union(.readable))
/// // ... the stream is writable:
/// try output.flush(to: registration.source)
/// try registration.arm(for: output.interest.union(.readable))
/// ```
///
/// Readiness drives it: ``flush(to:)`` when the stream is writable goes on where the last call was cut, and ``interest`` says
/// what to ask for next. Writing tries at once when nothing is pending, so most of the time nobody has to wait for anything.
///
/// Between several writes to one peer, ``enqueue(_:)-([UInt8])`` them and flush once: they go out in one vectored call.
///
/// ## Limits
///
/// What would be over the limit is refused as a whole, and what was accepted is never lost. ``isCongested`` says, from the
/// high-water mark on until the low one, that the peer reads too slowly: stop producing, or tell it so and close.
///
/// Who stops answering while it is congested leaves requests in the reader. These make no event: take them as soon as a
/// ``flush(to:)`` ends the congestion, also where the end has been read meanwhile. ``FrameReader`` shows the loop.
///
/// Move-only, and not to be used from two threads at once.
public struct StreamWriter: ~Copyable, Sendable {
  private var queue: OutputQueue

  /// A writer with nothing pending.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - limit: How many bytes may be pending; below 1 counts as 1.
  ///   - highWaterMark: At how many it becomes congested: 1 to the limit, and brought into that range if outside; nil for the
  ///     half of the limit.
  ///   - lowWaterMark: At how many it is no longer: 0 to less than the high one, and brought into that range if outside; nil
  ///     for the half of the high one.
  public init(limit: Int, highWaterMark: Int? = nil, lowWaterMark: Int? = nil) {
    queue = OutputQueue(limit: limit, highWaterMark: highWaterMark, lowWaterMark: lowWaterMark)
  }
}

extension StreamWriter {
  /// Takes bytes, and writes them at once if nothing was pending.
  ///
  /// Copies them. No system call when something was pending, else one: sendmsg(2).
  ///
  /// Throws ``StreamWriteError/queueFull(_:)``, ``StreamWriteError/stream(_:)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: Span<UInt8>, to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(OutputQueueError) { try queue.append(bytes) } catch { throw .queueFull(error) }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Takes an array, from 1,024 bytes on without a copy, and writes it at once if nothing was pending.
  ///
  /// As ``write(_:to:)-(Span<UInt8>,_)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: [UInt8], to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(OutputQueueError) { try queue.append(bytes) } catch { throw .queueFull(error) }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Takes a text as UTF-8, and writes it at once if nothing was pending.
  ///
  /// As ``write(_:to:)-(Span<UInt8>,_)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ text: String, to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    try write(Array(text.utf8), to: sink)
  }

  /// Takes bytes, to be written by the next ``flush(to:)``.
  ///
  /// Copies them. No system call. Throws `OutputQueueError.full`, and has taken nothing then.
  public mutating func enqueue(_ bytes: Span<UInt8>) throws(OutputQueueError) {
    try queue.append(bytes)
  }

  /// Takes an array, from 1,024 bytes on without a copy, to be written by the next ``flush(to:)``.
  ///
  /// No system call. Throws `OutputQueueError.full`, and has taken nothing then.
  public mutating func enqueue(_ bytes: [UInt8]) throws(OutputQueueError) {
    try queue.append(bytes)
  }

  /// Takes bytes and an end, of a line say, both or neither.
  ///
  /// Copies them. No system call. Throws `OutputQueueError.full`, and has taken nothing then.
  public mutating func enqueue(_ bytes: Span<UInt8>, endedBy end: [UInt8]) throws(OutputQueueError) {
    guard bytes.count + end.count <= queue.freeCapacity else {
      throw .full(refused: bytes.count + end.count, pending: queue.count, limit: queue.limit)
    }
    try queue.append(bytes)
    try queue.append(end.span)
  }

  /// Writes what is pending, as much as the stream takes: when it is writable, and after enqueueing.
  ///
  /// One vectored call (sendmsg(2); another for each 64 segments that went as a whole), or none when nothing is pending.
  /// Allocates nothing. Throws what the stream throws, as `connectionReset`: what is pending will not arrive then.
  @discardableResult
  public mutating func flush<Sink: ByteSink & ~Copyable>(to sink: borrowing Sink) throws(PollerError) -> WriteProgress {
    try queue.flush(to: sink)
  }

  /// What to wait for, to go on writing: `writable` while something is pending, else nothing.
  public var interest: Interest { queue.isEmpty ? .none : .writable }

  /// Whether the peer reads too slowly: since the high-water mark was reached, until the low one is.
  public var isCongested: Bool { queue.isCongested }

  /// How many bytes are pending.
  public var pendingCount: Int { queue.count }

  /// How many bytes may be pending.
  public var limit: Int { queue.limit }

  /// How many bytes may be taken before something is refused.
  public var freeCapacity: Int { queue.freeCapacity }
}
