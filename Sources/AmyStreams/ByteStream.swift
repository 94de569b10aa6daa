public import Amy
public import AmySockets
public import SystemPackage

/// A stream to read and write: for code that serves any stream.
///
/// ```swift
/// func serve<Stream: ByteStream & ~Copyable>(_ stream: borrowing Stream, _ lines: inout LineReader) throws {
///   let progress = try lines.read(from: stream)
///   // ...
/// }
/// ```
public protocol ByteStream: ByteSource, ByteSink, ~Copyable {}

extension TCPStream: ByteStream {}
extension UnixStream: ByteStream {}
extension FileDescriptor: ByteStream {}
