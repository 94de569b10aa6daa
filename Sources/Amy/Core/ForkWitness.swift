internal import CAmy

/// Tells whether this process is a forked child of the one in which the witness was made: one load, no system call.
///
/// The byte behind it is 1 where it was made, and the kernel or a handler clears it in every child (`Sources/CAmy/fork.c`).
/// A child made by `vfork` or `posix_spawn` is none: it runs nothing of ours.
package struct ForkWitness: Sendable {
  // An address, which a Sendable value may hold, where a pointer would need @unchecked. The page is never unmapped.
  private let address: UInt

  package init() throws(PollerError) {
    guard let byte = unsafe amy_fork_witness() else { throw PollerError(.outOfMemory) }
    address = UInt(bitPattern: byte)
  }

  package var isForked: Bool {
    unsafe UnsafePointer<UInt8>(bitPattern: address).unsafelyUnwrapped.pointee == 0
  }
}
