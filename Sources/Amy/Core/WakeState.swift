internal import Synchronization

/// The sleepers, and what there is to report that the kernel does not know of: one word, changed by atomic operations alone.
///
/// A publisher stores what it publishes, then changes this word. A waiter announces here that it parks, then looks for what was
/// published. Read-modify-write operations on one word have an order: the later of the two sees the other.
///
/// A publisher that sees a sleeper signals the kernel's waker, once until a waiter consumes the signal and looks again. A
/// waiter that leaves something behind signals for the next sleeper, so a busy waiter strands nothing. spin finds no way to
/// lose a wake: `Verification/models/wake.pml`.
package struct WakeState: ~Copyable {
  fileprivate let word: Atomic<UInt64>

  /// - Parameter isEmbedded: Whether a loop that cannot be seen here watches the poller's descriptor: one sleeper more.
  package init(isEmbedded: Bool) {
    word = Atomic(isEmbedded ? State.sleeper : 0)
  }

  package struct State {
    let bits: UInt64

    /// Entries that no waiter has taken.
    @inline(__always)
    var hasReady: Bool { bits & Self.ready != 0 }
    /// Timers may be pending.
    @inline(__always)
    var hasTimers: Bool { bits & Self.timers != 0 }
    /// Only the kernel can have anything to report.
    @inline(__always)
    var isQuiet: Bool { bits & (Self.ready | Self.timers) == 0 }
    /// A thread sleeps, or is about to.
    @inline(__always)
    var hasSleepers: Bool { bits >= Self.sleeper }

    static let ready: UInt64 = 1 << 0
    static let timers: UInt64 = 1 << 1
    /// No waiter has consumed the waker's signal.
    static let signalled: UInt64 = 1 << 2
    /// A wait must return, even with nothing to report.
    static let wake: UInt64 = 1 << 3
    /// The bits from here up count the sleepers.
    static let sleeper: UInt64 = 1 << 8
  }

  @inline(__always)
  package var state: State { State(bits: word.load(ordering: .acquiring)) }

  // MARK: Waiters

  /// Returns the state before.
  @inline(__always)
  package func park() -> State {
    State(bits: word.wrappingAdd(State.sleeper, ordering: .acquiringAndReleasing).oldValue)
  }

  @inline(__always)
  package func unpark() {
    word.wrappingSubtract(State.sleeper, ordering: .releasing)
  }

  /// Returns whether the signal was a wake; look for ready entries after this.
  package func consumeWake() -> Bool {
    word.bitwiseAnd(~(State.signalled | State.wake), ordering: .acquiringAndReleasing).oldValue & State.wake != 0
  }

  /// Call it while no thread can publish an entry.
  package func clearReady() {
    word.bitwiseAnd(~State.ready, ordering: .releasing)
  }

  /// Call it while no thread can set a timer.
  package func clearTimers() {
    word.bitwiseAnd(~State.timers, ordering: .releasing)
  }

  // MARK: Publishers

  /// Announces a timer that is due first; returns the state before.
  package func publishTimer() -> State {
    State(bits: word.bitwiseOr(State.timers, ordering: .acquiringAndReleasing).oldValue)
  }

  /// Hands off to a sleeper; returns whether to signal the waker.
  ///
  /// One that has unparked by now is not notified.
  package func handOff() -> Bool {
    word.bitwiseOr(State.signalled, ordering: .acquiringAndReleasing).oldValue & State.signalled == 0
  }

  /// Signal the waker then.
  package func requestWake() {
    word.bitwiseOr(State.wake | State.signalled, ordering: .acquiringAndReleasing)
  }

  /// The waker could not be signalled.
  package func clearSignal() {
    word.bitwiseAnd(~State.signalled, ordering: .releasing)
  }
}

extension PollerCore: ReadyListOwner where Kernel: ~Copyable {
  package func publish(_ source: ReadyEntry) -> Bool {
    ready.locked.sources.append(source)
    let word = wakeState.word.bitwiseOr(WakeState.State.ready, ordering: .acquiringAndReleasing).oldValue
    if word < WakeState.State.sleeper || word & WakeState.State.signalled != 0 { return false }
    return wakeState.word.bitwiseOr(WakeState.State.signalled, ordering: .acquiringAndReleasing).oldValue
      & WakeState.State.signalled == 0
  }

  package func signalWaker() {
    // Nothing else notifies a sleeping thread, and a channel reports only the first message: ask a kernel that fails again.
    for _ in 0..<8 where kernel.wake() >= 0 { return }
    wakeState.clearSignal()
  }

  package var refusal: PollerError? { liveness.isUsable ? nil : liveness.refusal }
}
