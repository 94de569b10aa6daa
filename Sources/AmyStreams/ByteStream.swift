public import Amy
public import AmySockets
public import SystemPackage

/// A stream of any kind, to read and write.
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
