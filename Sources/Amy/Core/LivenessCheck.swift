internal import CAmy
internal import Synchronization

/// Whether a poller may be used: not after `close()`, and not in a forked child.
///
/// Both are found out by one look.
///
/// The gate holds the address of a byte that is 1 while it is open: the fork forkDetector's, which a fork clears; when it is shut,
/// that of a byte which is always 0.
package struct LivenessCheck: ~Copyable {
  internal let forkDetector: ForkDetector
  private let current: Atomic<UInt>

  package init(_ forkDetector: ForkDetector) {
    self.forkDetector = forkDetector
    current = Atomic(forkDetector.address)
  }

  @inline(__always)
  package var isUsable: Bool {
    !amy_is_forked(current.load(ordering: .acquiring))
  }

  /// Whether this is a forked child: closed or not.
  @inline(__always)
  package var isForked: Bool { forkDetector.isForked }

  /// Shuts it, and returns whether it was open.
  package func close() -> Bool {
    !amy_is_forked(current.exchange(forkDetector.addressOfZero, ordering: .acquiringAndReleasing))
  }

  /// Why it is not open.
  package var refusal: PollerError {
    PollerError(forkDetector.isForked ? .forked : .closed)
  }
}
