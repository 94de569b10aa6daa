public import Amy
public import AmySockets

/// The destination of a ``StreamWriter`` or a ``FrameWriter``: a type with a descriptor and a write that does not block.
///
/// `TCPStream`, `UnixStream` and swift-system's `FileDescriptor` (pipes, terminals) conform. Your own stream socket only
/// declares the conformance.
public protocol ByteSink: Pollable, ~Copyable {
  /// Writes as many bytes of the arrays, in order, as there is room for, without concatenating them.
  ///
  /// Repeat an interrupted call. Taking less than the first 64 non-empty arrays means that no room is left: the writer does not
  /// call again until the descriptor is writable.
  ///
  /// - Parameters:
  ///   - segments: The arrays to write; some may be empty.
  ///   - offset: The bytes at their front that were written before.
  ///
  /// - Returns: The number of bytes taken, without the offset, or that there is no room.
  /// - Throws: The stream's error, such as `connectionReset`.
  func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult
}

extension ByteSink where Self: StreamSocket & ~Copyable {
  /// Writes as much as there is room for: sendmsg(2), one system call, without a signal if the peer is gone.
  @inlinable
  public func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult {
    try write(segments: segments, skipping: offset)
  }
}
