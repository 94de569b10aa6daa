public import Amy
public import AmySockets
public import SystemPackage

extension FileDescriptor {
  /// Reads the available bytes: read(2), one system call.
  ///
  /// For every descriptor that a poller can wait for, such as pipes and terminals. Set it to non-blocking mode; otherwise the
  /// call waits when there is nothing to read.
  ///
  /// A terminal ends with `EIO` when the other end of a pseudo-terminal is gone, or when background processes may not read it.
  /// That is an ordinary end here, which takes one more call to detect, tcgetattr(3). `EIO` of any other file is thrown.
  public func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try DescriptorStream.read(self, into: &room)
  }

  /// Writes as much as there is room for: writev(2), one system call.
  ///
  /// A pipe without a reader throws `connectionReset` (`EPIPE`), and raises SIGPIPE first, which no flag suppresses, unlike for
  /// sockets: ignore that signal, or the process ends.
  public func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult {
    try DescriptorStream.write(self, segments: segments, skipping: offset)
  }
}
