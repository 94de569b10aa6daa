public import Amy
public import AmySockets

/// The source of a ``LineReader`` or a ``FrameReader``: a type with a descriptor and a read that does not block.
///
/// `TCPStream`, `UnixStream` and swift-system's `FileDescriptor` (pipes, terminals) conform. Your own stream socket only
/// declares the conformance; a type that transforms bytes (TLS, compression) implements the one requirement.
public protocol ByteSource: Pollable, ~Copyable {
  /// Appends the available bytes to the span, whose free room is never zero.
  ///
  /// Repeat an interrupted call. A result of `bytes` is at least 1.
  func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult
}

extension ByteSource where Self: StreamSocket & ~Copyable {
  /// Reads the available bytes: read(2), one system call.
  @inlinable
  public func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try read(into: &room)
  }
}
