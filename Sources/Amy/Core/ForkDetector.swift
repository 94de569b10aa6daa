internal import CAmy
internal import SystemPackage

/// Whether this process is a forked child of the one that created the detector: one load, no system call.
///
/// The kernel or a handler clears the byte in every child (`Sources/CAmy/fork.c`), except in one made by `vfork` or
/// `posix_spawn`, which runs none of our code.
@frozen
@usableFromInline
package struct ForkDetector: Sendable {
  /// The address of a byte that is 1 here, and 0 in a forked child.
  @usableFromInline
  internal let address: UInt
  /// Its byte is 0 in every process.
  var addressOfZero: UInt { address + 1 }

  package init() throws(PollerError) {
    address = amy_fork_detector()
    guard address != 0 else { throw PollerError(.outOfMemory, errno: .noMemory) }
  }

  // As amy_is_forked, but compiled into users' code, which must not see C.
  @inlinable
  package var isForked: Bool {
    unsafe UnsafePointer<UInt8>(bitPattern: address).unsafelyUnwrapped.pointee == 0
  }
}
