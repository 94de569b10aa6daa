internal import Synchronization
internal import SystemPackage

/// What a poller and its registrars share: the kernel's queue, what the kernel knows nothing of, and whether all of it may
/// still be used.
///
/// The poller closes it; the queue's descriptor itself lives until the last registrar and the last waiter let go, so that its
/// number cannot become somebody else's under them. How waits go is in `PollerCore+Wait`, timers are in `PollerCore+Timers`.
///
/// What runs often answers with a result instead of throwing, and ``error(of:by:)`` tells what a negative one means: so the
/// common case stays short, and the callers' code throws.
package final class PollerCore<Kernel: Backend & ~Copyable>: Sendable {
  /// The poller's own number, by which its timers know it.
  package let id = Event.ID.next()
  package let kernel: Kernel
  internal let liveness: LivenessCheck
  internal let wakeState: WakeState
  package let ready = FutexMutex(ReadyList())
  package let timers: FutexMutex<Timers>
  package let internals = FutexMutex(InternalDescriptors())
  /// No timer is due before this; `.max` for none.
  ///
  /// Changed where ``timers`` is held.
  internal let earliest = Atomic<UInt64>(.max)
  /// Counts waits that have more than the kernel to look after: see ``FairnessOrder``.
  internal let waitCount = Atomic<UInt8>(0)

  // Watched from outside: by a loop that cannot be seen here, through the queue's descriptor.
  package init(_ kernel: consuming Kernel, _ forkDetector: ForkDetector, isEmbedded: Bool = false) {
    timers = FutexMutex(Timers(at: kernel.now))
    self.kernel = kernel
    liveness = LivenessCheck(forkDetector)
    wakeState = WakeState(isEmbedded: isEmbedded)
  }

  /// The result where the gate is shut.
  ///
  /// No errno is as large.
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

  /// What a negative result means.
  @inline(never)
  package func error(of result: SystemCallResult, by call: SystemCall) -> PollerError {
    result == Self.refused ? liveness.refusal : PollerError(result: result, of: call)
  }
}
