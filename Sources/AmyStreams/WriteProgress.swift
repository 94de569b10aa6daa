public import Amy
internal import AmySockets

/// The progress of a write.
public struct WriteProgress: Hashable, Sendable {
  /// The number of bytes that the stream took in this call.
  public let bytes: Int
  /// The number of bytes still to be written.
  public let pendingCount: Int

  /// Creates progress, for tests.
  @inlinable
  public init(bytes: Int, pendingCount: Int) {
    self.bytes = bytes
    self.pendingCount = pendingCount
  }

  /// What to wait for: `writable`, or none when everything is written.
  @inlinable
  public var interest: Interest { pendingCount > 0 ? .writable : .none }
}

extension OutputQueue {
  /// Writes until nothing is left or the sink has no more room: one call for each 64 segments.
  ///
  /// A sink that takes less than it was given has no room, so no second call is needed, even with trigger edge.
  mutating func flush<Sink: ByteSink & ~Copyable>(to sink: borrowing Sink) throws(PollerError) -> WriteProgress {
    var bytes = 0
    while count > 0 {
      let lent = lentCount
      let result = try withSegments { segments, offset throws(PollerError) in
        try sink.writeAvailable(segments: segments, skipping: offset)
      }
      guard case .bytes(let taken) = result else { break }
      removeFirst(taken)
      bytes += taken
      if taken < lent { break }
    }
    return WriteProgress(bytes: bytes, pendingCount: count)
  }

  mutating func flush<Sink: ByteSink & ~Copyable>(
    to sink: borrowing Sink, if isTurn: Bool
  ) throws(StreamWriteError) -> WriteProgress {
    guard isTurn else { return WriteProgress(bytes: 0, pendingCount: count) }
    do throws(PollerError) { return try flush(to: sink) } catch { throw .stream(error) }
  }
}
