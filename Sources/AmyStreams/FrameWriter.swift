public import Amy

/// Writes frames, which are payloads preceded by their length, to a stream that does not block, and keeps what it does not
/// take.
///
/// ```swift
/// var output = FrameWriter(limit: 1 << 20)
/// try output.write(payload, to: registration.source)
/// try registration.arm(for: output.interest.union(.readable))
/// // ... the stream is writable:
/// try output.flush(to: registration.source)
/// try registration.arm(for: output.interest.union(.readable))
/// ```
///
/// Works like ``StreamWriter``. Prefix and payload are accepted together or not at all, and go out with all other pending
/// frames in one vectored call. Empty frames are legal.
public struct FrameWriter: ~Copyable, Sendable {
  private let encoder: FrameEncoder
  private var queue: OutputQueue

  /// Creates a writer with nothing pending.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - format: How lengths are encoded.
  ///   - limit: The most pending bytes, including prefixes; below 1 counts as 1.
  ///   - highWaterMark: The pending bytes that begin congestion, clamped to 1 through the limit; nil for half the limit.
  ///   - lowWaterMark: The pending bytes that end it, clamped to 0 through the high-water mark minus 1; nil for half that mark.
  public init(format: FrameFormat = FrameFormat(), limit: Int, highWaterMark: Int? = nil, lowWaterMark: Int? = nil) {
    encoder = FrameEncoder(format: format)
    queue = OutputQueue(limit: limit, highWaterMark: highWaterMark, lowWaterMark: lowWaterMark)
  }
}

extension FrameWriter {
  /// Accepts a frame, and writes it at once if nothing was pending.
  ///
  /// Copies the payload. Makes no system call if something was pending, otherwise one: sendmsg(2), or writev(2) for a
  /// `FileDescriptor`. Throws ``StreamWriteError``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ payload: Span<UInt8>, to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(FrameEncodingError) { try encoder.append(payload, to: &queue) } catch { throw error.asWriteError }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Accepts a frame, without copying a payload of 1,024 bytes or more: as ``write(_:to:)-(Span<UInt8>,_)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ payload: [UInt8], to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(FrameEncodingError) { try encoder.append(payload, to: &queue) } catch { throw error.asWriteError }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Accepts a frame, for the next ``flush(to:)`` to write.
  ///
  /// Copies the payload. Makes no system call. Throws `FrameEncodingError.queueFull` and `.tooLong` without accepting anything.
  public mutating func enqueue(_ payload: Span<UInt8>) throws(FrameEncodingError) {
    try encoder.append(payload, to: &queue)
  }

  /// Accepts a frame, without copying a payload of 1,024 bytes or more: as ``enqueue(_:)-(Span<UInt8>)``.
  public mutating func enqueue(_ payload: [UInt8]) throws(FrameEncodingError) {
    try encoder.append(payload, to: &queue)
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

  /// The number of pending bytes, including prefixes.
  public var pendingCount: Int { queue.count }

  /// The maximum number of pending bytes.
  public var limit: Int { queue.limit }

  /// The number of bytes that still fit, including prefixes.
  public var freeCapacity: Int { queue.freeCapacity }

  /// The encoding of lengths.
  public var format: FrameFormat { encoder.format }
}
