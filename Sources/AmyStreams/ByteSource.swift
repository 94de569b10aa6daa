public import Amy
public import AmySockets

/// What a ``LineReader`` or a ``FrameReader`` reads from: anything with a descriptor and a read that does not block.
///
/// `TCPStream`, `UnixStream` and swift-system's `FileDescriptor` (pipes, terminals) conform. A stream socket of your own needs
/// no more than the conformance; something that transforms bytes (TLS, compression) implements the one call.
public protocol ByteSource: Pollable, ~Copyable {
  /// Appends what there is to the span, up to its free room, which is never none.
  ///
  /// An interrupted call is made again. `bytes` is at least 1.
  func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult
}

extension ByteSource where Self: StreamSocket & ~Copyable {
  /// Reads what there is: read(2), one system call.
  @inlinable
  public func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try read(into: &room)
  }
}
