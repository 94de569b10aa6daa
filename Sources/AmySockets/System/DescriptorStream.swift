package import Amy
internal import CAmy
package import SystemPackage

/// Reads and writes any descriptor as a stream: for AmyStreams.
package enum DescriptorStream {
  /// read(2); `EIO` of a terminal is its end.
  package static func read(
    _ descriptor: FileDescriptor, into room: inout OutputSpan<UInt8>
  ) throws(PollerError) -> ReadResult {
    do throws(PollerError) {
      return try SystemSocket(descriptor).read(into: &room)
    } catch {
      guard error.errno == .ioError, amy_file_is_terminal(descriptor.rawValue) else { throw error }
      return .closed
    }
  }

  /// writev(2): does not suppress SIGPIPE.
  package static func write(
    _ descriptor: FileDescriptor, segments: [[UInt8]], skipping offset: Int
  ) throws(PollerError) -> WriteResult {
    try SystemSocket(descriptor).write(segments: segments, skipping: offset, isFile: true)
  }
}
