internal import CAmy
internal import SystemPackage

/// Tells whether this process is a forked child of the one in which the detector was made: one load, no system call.
///
/// The byte behind it is 1 where it was made, and the kernel or a handler clears it in every child (`Sources/CAmy/fork.c`).
/// A child made by `vfork` or `posix_spawn` is none: it runs nothing of ours.
@frozen
@usableFromInline
package struct ForkDetector: Sendable {
  /// Of a byte that is 1 here, and 0 in a forked child.
  @usableFromInline
  internal let address: UInt
  /// Of a byte that is 0 everywhere: the rest of the page.
  var addressOfZero: UInt { address + 1 }

  package init() throws(PollerError) {
    address = amy_fork_detector()
    guard address != 0 else { throw PollerError(.outOfMemory, errno: .noMemory) }
  }

  // As amy_is_forked, but to be compiled into users' code, which is not to see C.
  @inlinable
  package var isForked: Bool {
    unsafe UnsafePointer<UInt8>(bitPattern: address).unsafelyUnwrapped.pointee == 0
  }
}
