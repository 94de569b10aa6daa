internal import Synchronization
internal import SystemPackage

/// What a poller and its registrars share: the kernel's queue, what the kernel does not know of, and whether all of it may
/// still be used.
///
/// The poller closes it. The queue's descriptor lives until the last registrar and waiter release it: its number is not reused
/// under them. Waits are in `PollerCore+Wait`, timers in `PollerCore+Timers`.
///
/// Functions that run often return a result, which keeps the common path short; ``error(of:by:)`` says what a negative one
/// means, and the callers throw.
package final class PollerCore<Kernel: Backend & ~Copyable>: Sendable {
  /// Identifies the poller to its timers.
  package let id = Event.ID.next()
  package let kernel: Kernel
  internal let liveness: LivenessCheck
  internal let wakeState: WakeState
  package let ready = FutexMutex(ReadyList())
  package let timers: FutexMutex<Timers>
  package let internals = FutexMutex(InternalDescriptors())
  /// No timer is due before this; `.max` for none.
  ///
  /// Changed only while ``timers`` is locked.
  internal let earliest = Atomic<UInt64>(.max)
  /// Counts the waits that handle more than the kernel's events: see ``FairnessOrder``.
  internal let waitCount = Atomic<UInt8>(0)

  // A loop that cannot be seen here watches an embedded poller's descriptor.
  package init(_ kernel: consuming Kernel, _ forkDetector: ForkDetector, isEmbedded: Bool = false) {
    timers = FutexMutex(Timers(at: kernel.now))
    self.kernel = kernel
    liveness = LivenessCheck(forkDetector)
    wakeState = WakeState(isEmbedded: isEmbedded)
  }

  /// The result if the liveness check fails: no errno is this large.
  internal static var refused: SystemCallResult { .min }

  @inline(__always)
  package func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult {
    liveness.isUsable ? kernel.change(descriptor, change, watch) : Self.refused
  }

  package func wake() throws(PollerError) {
    guard liveness.isUsable else { throw liveness.refusal }
    wakeState.requestWake()
    let result = kernel.wake()
    if result < 0 {
      wakeState.clearSignal()
      throw error(of: result, by: .wait)
    }
  }

  package func close() {
    guard liveness.close() else { return }
    kernel.wakePermanently()
    internals.locked.removeAll()
  }
}

extension PollerCore where Kernel: ~Copyable {
  package var isForked: Bool { liveness.isForked }

  @inline(never)
  package func error(of result: SystemCallResult, by call: SystemCall) -> PollerError {
    result == Self.refused ? liveness.refusal : PollerError(result: result, of: call)
  }
}
