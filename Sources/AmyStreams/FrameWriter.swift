public import Amy

/// Writes frames, payloads with their length before them, to a stream that does not block, and keeps what it does not take at
/// once.
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
/// All that is said of ``StreamWriter`` holds. Prefix and payload are taken both or not at all, and go out in one vectored call
/// with all other frames that are pending. Empty frames are legal.
public struct FrameWriter: ~Copyable, Sendable {
  private let encoder: FrameEncoder
  private var queue: OutputQueue

  /// A writer with nothing pending.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - format: How lengths are written.
  ///   - limit: How many bytes may be pending, prefixes counted in; below 1 counts as 1.
  ///   - highWaterMark: At how many it becomes congested: 1 to the limit, and brought into that range if outside; nil for the
  ///     half of the limit.
  ///   - lowWaterMark: At how many it is no longer: 0 to less than the high one, and brought into that range if outside; nil
  ///     for the half of the high one.
  public init(format: FrameFormat = FrameFormat(), limit: Int, highWaterMark: Int? = nil, lowWaterMark: Int? = nil) {
    encoder = FrameEncoder(format: format)
    queue = OutputQueue(limit: limit, highWaterMark: highWaterMark, lowWaterMark: lowWaterMark)
  }
}

extension FrameWriter {
  /// Takes a frame, and writes it at once if nothing was pending.
  ///
  /// Copies the payload. No system call when something was pending, else one: sendmsg(2).
  ///
  /// Throws ``StreamWriteError``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ payload: Span<UInt8>, to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(FrameEncodingError) { try encoder.append(payload, to: &queue) } catch { throw error.asWriteError }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Takes a frame, whose payload is not copied from 1,024 bytes on, and writes it at once if nothing was pending.
  ///
  /// As ``write(_:to:)-(Span<UInt8>,_)``.
  @discardableResult
  public mutating func write<Sink: ByteSink & ~Copyable>(
    _ payload: [UInt8], to sink: borrowing Sink
  ) throws(StreamWriteError) -> WriteProgress {
    let wasEmpty = queue.isEmpty
    do throws(FrameEncodingError) { try encoder.append(payload, to: &queue) } catch { throw error.asWriteError }
    return try queue.flush(to: sink, if: wasEmpty)
  }

  /// Takes a frame, to be written by the next ``flush(to:)``.
  ///
  /// Copies the payload. No system call. Throws `FrameEncodingError.queueFull` and `.tooLong`, and has taken nothing then.
  public mutating func enqueue(_ payload: Span<UInt8>) throws(FrameEncodingError) {
    try encoder.append(payload, to: &queue)
  }

  /// Takes a frame, whose payload is not copied from 1,024 bytes on, to be written by the next ``flush(to:)``.
  ///
  /// No system call. Throws `FrameEncodingError.queueFull` and `.tooLong`, and has taken nothing then.
  public mutating func enqueue(_ payload: [UInt8]) throws(FrameEncodingError) {
    try encoder.append(payload, to: &queue)
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

  /// How many bytes are pending, prefixes counted in.
  public var pendingCount: Int { queue.count }

  /// How many bytes may be pending.
  public var limit: Int { queue.limit }

  /// How many bytes may be taken before something is refused, prefixes counted in.
  public var freeCapacity: Int { queue.freeCapacity }

  /// How lengths are written.
  public var format: FrameFormat { encoder.format }
}
