public import SystemPackage

/// Anything with a descriptor that the kernel can wait for.
///
/// A socket, a pipe, a descriptor that a C library handed out, a ``Poller`` itself. swift-system's `FileDescriptor`
/// conforms, so a bare number needs no wrapper.
///
/// Amy reads ``fileDescriptor`` when the value is registered, reregistered or deregistered, copies the number and nothing
/// else, and never closes or changes it. Set the descriptor to non-blocking yourself: Amy does not.
///
/// A conforming type that owns its descriptor is best noncopyable and closes it in `deinit`; a ``Registration`` then takes
/// care that the poller forgets it first.
public protocol Pollable: ~Copyable {
  /// The descriptor, open and the same for as long as the value is registered.
  var fileDescriptor: FileDescriptor { get }
}

extension FileDescriptor: Pollable {
  /// The descriptor itself.
  @inlinable
  public var fileDescriptor: FileDescriptor { self }
}
