package import Amy
package import SystemPackage

/// Reading and writing any descriptor as a stream, socket or not: for AmyStreams.
package enum DescriptorStream {
  /// read(2).
  package static func read(
    _ descriptor: FileDescriptor, into room: inout OutputSpan<UInt8>
  ) throws(PollerError) -> ReadResult {
    try SystemSocket(descriptor).read(into: &room)
  }

  /// writev(2): SIGPIPE is not held back.
  package static func write(
    _ descriptor: FileDescriptor, segments: [[UInt8]], skipping offset: Int
  ) throws(PollerError) -> WriteResult {
    try SystemSocket(descriptor).write(segments: segments, skipping: offset, isFile: true)
  }
}
