public import Amy
internal import AmySockets

/// What the stream took of what was to be written.
public struct WriteProgress: Hashable, Sendable {
  /// How many bytes the stream took in this call.
  public let bytes: Int
  /// How many are still to be written.
  public let pendingCount: Int

  /// Progress as a writer would report it, for tests.
  @inlinable
  public init(bytes: Int, pendingCount: Int) {
    self.bytes = bytes
    self.pendingCount = pendingCount
  }

  /// What to wait for next, to go on writing: `writable`, or nothing when all is written.
  @inlinable
  public var interest: Interest { pendingCount > 0 ? .writable : .none }
}

extension OutputQueue {
  /// Writes until nothing is left or the sink has no more room: one call for each 64 segments.
  ///
  /// A sink that takes less than it was lent has no room: so no second call is needed to learn it, by trigger edge neither.
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

  /// Writes if it is the turn of what was just taken: not if other bytes were pending before.
  mutating func flush<Sink: ByteSink & ~Copyable>(
    to sink: borrowing Sink, if isTurn: Bool
  ) throws(StreamWriteError) -> WriteProgress {
    guard isTurn else { return WriteProgress(bytes: 0, pendingCount: count) }
    do throws(PollerError) { return try flush(to: sink) } catch { throw .stream(error) }
  }
}
