public import Amy
public import AmySockets
public import SystemPackage

extension FileDescriptor {
  /// Reads what there is: read(2), one system call.
  ///
  /// For pipes, terminals and whatever else can be waited for. Set it to non-blocking yourself, or the call waits where there
  /// is nothing.
  ///
  /// A terminal ends with `EIO`: a pseudo-terminal whose other end is gone, or one that its background processes may not read.
  /// Here that is an end like any other, found out by one more call, tcgetattr(3). `EIO` of anything else is thrown.
  public func readAvailable(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try DescriptorStream.read(self, into: &room)
  }

  /// Writes what there is room for: writev(2), one system call.
  ///
  /// When nobody reads any more, a pipe throws `connectionReset` (`EPIPE`), and raises SIGPIPE before, which no flag holds
  /// back as it does for sockets: ignore that signal, or the process ends.
  public func writeAvailable(segments: [[UInt8]], skipping offset: Int) throws(PollerError) -> WriteResult {
    try DescriptorStream.write(self, segments: segments, skipping: offset)
  }
}
