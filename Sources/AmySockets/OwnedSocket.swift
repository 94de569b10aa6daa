public import SystemPackage

/// A socket's descriptor with one owner, closed when it goes: what every socket of this module is made around.
///
/// It knows nothing of what kind the socket is. You meet it when you write a type of your own that conforms to
/// ``StreamSocket`` or ``DatagramSocket``.
public struct OwnedSocket: ~Copyable, Sendable {
  /// The descriptor: open for as long as this is alive.
  public let fileDescriptor: FileDescriptor

  /// Takes over a descriptor as it is.
  ///
  /// No system call: nothing is checked or set.
  ///
  /// Close-on-exec, non-blocking, and on Darwin `SO_NOSIGPIPE` are the caller's business. Each socket's
  /// `init(adopting:)` sees to them.
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
