public import SystemPackage

/// Anything with a descriptor that the kernel can wait for: a socket, a pipe, a C library's descriptor, a ``Poller`` itself.
///
/// swift-system's `FileDescriptor` conforms, so a bare number needs no wrapper.
///
/// Amy reads ``fileDescriptor`` when the value is registered, reregistered or deregistered. It copies only the number, and
/// never closes or changes the descriptor: make it non-blocking yourself.
///
/// Make a type that owns its descriptor noncopyable, and close it in `deinit`: a ``Registration`` makes the poller forget it
/// first.
public protocol Pollable: ~Copyable {
  /// The descriptor, open and unchanged while the value is registered.
  var fileDescriptor: FileDescriptor { get }
}

extension FileDescriptor: Pollable {
  /// The descriptor itself.
  @inlinable
  public var fileDescriptor: FileDescriptor { self }
}
