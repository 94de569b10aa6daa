public import Amy

/// Writes bytes, such as lines, to a stream that does not block, and keeps what the stream does not take at once.
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
/// When the stream is writable, ``flush(to:)`` continues where the last call stopped, and ``interest`` says what to wait for. A
/// write tries at once when nothing is pending, so mostly there is nothing to wait for.
///
/// For several writes to one peer, call ``enqueue(_:)-([UInt8])`` for each and flush once: they go out in one vectored call.
///
/// ## Limits
///
/// Bytes that would exceed the limit are refused as a whole, and accepted bytes are never lost. ``isCongested`` reports, from
/// the high-water mark until the low-water mark, that the peer reads too slowly: stop producing, or report it to the peer and
/// close.
///
/// Requests left in the reader while the writer is congested cause no event: take them as soon as a ``flush(to:)`` ends the
/// congestion, even if the end was read meanwhile. ``FrameReader`` shows the loop.
///
/// Move-only. Do not use it from two threads at once.
public struct StreamWriter: ~Copyable, Sendable {
  private var queue: OutputQueue

  /// Creates a writer with nothing pending.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - limit: The most pending bytes; below 1 counts as 1.
  ///   - highWaterMark: The pending bytes that begin congestion, clamped to 1 through the limit; nil for half the limit.
  ///   - lowWaterMark: The pending bytes that end it, clamped to 0 through the high-water mark minus 1; nil for half that mark.
  public init(limit: Int, highWaterMark: Int? = nil, lowWaterMark: Int? = nil) {
    queue = OutputQueue(limit: limit, highWaterMark: highWaterMark, lowWaterMark: lowWaterMark)
  }
}

extension StreamWriter {
  /// Accepts bytes, and writes them at once if nothing was pending.
  ///
  /// Copies them. Makes no system call if something was pending, otherwise one: sendmsg(2), or writev(2) for a
  /// `FileDescriptor`. Throws ``StreamWriteError/queueFull(_:)``, ``StreamWriteError/stream(_:)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: Span<UInt8>, to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(OutputQueueError) { try queue.append(bytes) } catch { throw .queueFull(error) }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Accepts an array, without copying one of 1,024 bytes or more: as ``write(_:to:)-(Span<UInt8>,_)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ bytes: [UInt8], to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(OutputQueueError) { try queue.append(bytes) } catch { throw .queueFull(error) }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Accepts text as UTF-8: as ``write(_:to:)-(Span<UInt8>,_)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ text: String, to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    try write(Array(text.utf8), to: sink)
  }

  /// Accepts bytes, for the next ``flush(to:)`` to write.
  ///
  /// Copies them. Makes no system call. Throws `OutputQueueError.full` without accepting anything.
  public mutating func enqueue(_ bytes: Span<UInt8>) throws(OutputQueueError) {
    try queue.append(bytes)
  }

  /// Accepts an array, without copying one of 1,024 bytes or more: as ``enqueue(_:)-(Span<UInt8>)``.
  public mutating func enqueue(_ bytes: [UInt8]) throws(OutputQueueError) {
    try queue.append(bytes)
  }

  /// Accepts bytes and an ending, such as a line's, both or neither: as ``enqueue(_:)-(Span<UInt8>)``.
  public mutating func enqueue(_ bytes: Span<UInt8>, endedBy end: [UInt8]) throws(OutputQueueError) {
    guard bytes.count + end.count <= queue.freeCapacity else {
      throw .full(refused: bytes.count + end.count, pending: queue.count, limit: queue.limit)
    }
    try queue.append(bytes)
    try queue.append(end.span)
  }

  /// Writes as many pending bytes as the stream takes: call it when the stream is writable, and after enqueueing.
  ///
  /// Makes one vectored call (sendmsg(2), or writev(2) for a `FileDescriptor`; another for each 64 segments written whole), or
  /// none when nothing is pending. Allocates nothing. Throws the stream's error, such as `connectionReset`: the pending bytes
  /// will not arrive.
  @discardableResult
  public mutating func flush<Sink: ByteSink & ~Copyable>(to sink: borrowing Sink) throws(PollerError) -> WriteProgress {
    try queue.flush(to: sink)
  }

  /// What to wait for: `writable` while something is pending, otherwise none.
  public var interest: Interest { queue.isEmpty ? .none : .writable }

  /// Whether the peer reads too slowly: from the high-water mark until the low-water mark.
  public var isCongested: Bool { queue.isCongested }

  /// The number of pending bytes.
  public var pendingCount: Int { queue.count }

  /// The maximum number of pending bytes.
  public var limit: Int { queue.limit }

  /// The number of bytes that still fit.
  public var freeCapacity: Int { queue.freeCapacity }
}
