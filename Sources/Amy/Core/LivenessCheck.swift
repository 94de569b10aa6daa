internal import CAmy
internal import Synchronization

/// Whether a poller may be used: not after `close()`, and not in a forked child.
///
/// One load answers both, of a byte that is 1 while it may: the fork detector's, until `close()` puts the address of a byte
/// that is always 0.
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

  /// Closed or not.
  @inline(__always)
  package var isForked: Bool { forkDetector.isForked }

  /// Returns whether this call closed it.
  package func close() -> Bool {
    !amy_is_forked(current.exchange(forkDetector.addressOfZero, ordering: .acquiringAndReleasing))
  }

  package var refusal: PollerError {
    PollerError(forkDetector.isForked ? .forked : .closed)
  }
}
