internal import Synchronization

/// The sleepers, and what there is to report that the kernel does not know of: one word, changed by atomic operations alone.
///
/// A publisher stores what it publishes, and then changes this word. A waiter announces in this word that it parks, and then
/// looks for what was published. All of these are read-modify-write operations on one word, so they have an order: either the
/// publisher comes later and sees the sleeper, or the sleeper comes later and sees that something was published.
///
/// A publisher that sees a sleeper signals the kernel's waker, once until a waiter has consumed the signal. That waiter looks
/// again. A waiter that returns and leaves something behind signals for the next sleeper, so a busy waiter strands nothing.
/// `Verification/models/wake.pml` is this protocol for spin, which finds no way to lose a wake.
package struct WakeState: ~Copyable {
  fileprivate let word: Atomic<UInt64>

  /// - Parameter isEmbedded: Whether there is a sleeper that cannot be seen here: a loop that watches the poller's descriptor.
  package init(isEmbedded: Bool) {
    word = Atomic(isEmbedded ? State.sleeper : 0)
  }

  /// The contents of the word.
  package struct State {
    let bits: UInt64

    /// The ready list has entries that no waiter has taken yet.
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
    /// The waker was signalled, and no waiter has consumed the signal yet.
    static let signalled: UInt64 = 1 << 2
    /// A wait must return, whether there is something to report or not.
    static let wake: UInt64 = 1 << 3
    /// The bits from here up are the number of sleepers.
    static let sleeper: UInt64 = 1 << 8
  }

  @inline(__always)
  package var state: State { State(bits: word.load(ordering: .acquiring)) }

  // MARK: Waiters

  /// Announces that this thread is going to sleep, and returns the state before.
  @inline(__always)
  package func park() -> State {
    State(bits: word.wrappingAdd(State.sleeper, ordering: .acquiringAndReleasing).oldValue)
  }

  @inline(__always)
  package func unpark() {
    word.wrappingSubtract(State.sleeper, ordering: .releasing)
  }

  /// Consumes the waker's signal, and returns whether it was a wake.
  ///
  /// Look for ready entries after this.
  package func consumeWake() -> Bool {
    word.bitwiseAnd(~(State.signalled | State.wake), ordering: .acquiringAndReleasing).oldValue & State.wake != 0
  }

  /// Records that no ready entry is left; called while no thread can publish one.
  package func clearReady() {
    word.bitwiseAnd(~State.ready, ordering: .releasing)
  }

  /// Records that no timer is left; called while no thread can set one.
  package func clearTimers() {
    word.bitwiseAnd(~State.timers, ordering: .releasing)
  }

  // MARK: Publishers

  /// Announces a timer that is due before all others, and returns the state before.
  package func publishTimer() -> State {
    State(bits: word.bitwiseOr(State.timers, ordering: .acquiringAndReleasing).oldValue)
  }

  /// Hands off to a sleeper that was seen: returns whether the waker must be signalled.
  ///
  /// The sleeper may have unparked by now, and is not notified then.
  package func handOff() -> Bool {
    word.bitwiseOr(State.signalled, ordering: .acquiringAndReleasing).oldValue & State.signalled == 0
  }

  /// Requests that a wait return; the waker must be signalled.
  package func requestWake() {
    word.bitwiseOr(State.wake | State.signalled, ordering: .acquiringAndReleasing)
  }

  /// Takes the signal back: the waker could not be signalled.
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
    // A sleeping thread is notified by nothing else, and a channel reports only the first message: so a kernel that fails is
    // asked again.
    for _ in 0..<8 where kernel.wake() >= 0 { return }
    wakeState.clearSignal()
  }

  package var refusal: PollerError? { liveness.isUsable ? nil : liveness.refusal }
}
