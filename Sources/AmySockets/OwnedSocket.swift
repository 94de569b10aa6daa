public import SystemPackage

/// A socket's descriptor with one owner, closed when it is destroyed: the base of this module's sockets.
///
/// It does not know the socket's kind. You need it only for your own type that conforms to ``StreamSocket`` or
/// ``DatagramSocket``.
public struct OwnedSocket: ~Copyable, Sendable {
  /// The descriptor, open while this value exists.
  public let fileDescriptor: FileDescriptor

  /// Takes over a descriptor as it is, unchecked.
  ///
  /// No system call. Set close-on-exec, non-blocking, and on Darwin `SO_NOSIGPIPE` yourself; each socket's `init(adopting:)`
  /// sets them for you.
  public init(owning fileDescriptor: FileDescriptor) {
    self.fileDescriptor = fileDescriptor
  }

  // close(2), once. Its error would come too late to change anything: the number is free either way.
  deinit {
    SystemSocket(fileDescriptor).close()
  }

  /// Gives the descriptor up, open.
  ///
  /// No system call.
  public consuming func release() -> FileDescriptor {
    let descriptor = fileDescriptor
    discard self
    return descriptor
  }
}
