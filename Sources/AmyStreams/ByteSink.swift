public import Amy
public import AmySockets

/// What a ``StreamWriter`` or a ``FrameWriter`` writes to: anything with a descriptor and a write that does not block.
///
/// `TCPStream`, `UnixStream` and swift-system's `FileDescriptor` (pipes, terminals) conform. A stream socket of your own needs
/// no more than the conformance.
public protocol ByteSink: Pollable, ~Copyable {
  /// Takes as much of some arrays, one after the other, as there is room for, without copying them together.
  ///
  /// An interrupted call is made again. To take less than the first 64 arrays that are not empty says that there is no room
  /// left: nobody calls again before the descriptor is writable.
  ///
  /// - Parameters:
  ///   - segments: Some may be empty.
  ///   - offset: How many bytes at the front of all of them were written before.
  ///
  /// - Returns: How many bytes were taken, the offset not counted in, or that there is no room.
  /// - Throws: What the stream has to say, as `connectionReset`.
  func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult
}

extension ByteSink where Self: StreamSocket & ~Copyable {
  /// Writes what there is room for: sendmsg(2), one system call, without a signal where the peer is gone.
  @inlinable
  public func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult {
    try write(segments: segments, skipping: offset)
  }
}
