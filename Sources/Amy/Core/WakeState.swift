internal import Synchronization

/// Who sleeps, and what there is to tell that the kernel does not know of: one word, changed by atomic operations alone.
///
/// A publisher stores what it publishes, and then changes this word. A waiter announces in this word that it parks, and then
/// looks for what was published. All of these are read-modify-write operations on one word, so they have an order: either the
/// publisher comes later and sees the sleeper, or the sleeper comes later and sees that something was published.
///
/// A publisher that sees a sleeper signals the kernel's waker, once until a waiter has consumed the signal. That waiter looks
/// again. A waiter that returns and leaves something behind signals for the next sleeper: so a busy waiter strands nothing.
/// `Verification/models/wake.pml` is this protocol for spin, which finds no way to lose a wake.
package struct WakeState: ~Copyable {
  fileprivate let word: Atomic<UInt64>

  /// - Parameter isEmbedded: Somebody sleeps who cannot be seen here: a loop that watches the poller's descriptor.
  package init(isEmbedded: Bool) {
    word = Atomic(isEmbedded ? State.sleeper : 0)
  }

  /// What the word says.
  package struct State {
    let bits: UInt64

    /// Sources have news that no waiter has taken yet.
    @inline(__always)
    var hasReady: Bool { bits & Self.ready != 0 }
    /// Timers may be pending.
    @inline(__always)
    var hasTimers: Bool { bits & Self.timers != 0 }
    /// Nothing but the kernel can have anything to tell.
    @inline(__always)
    var isQuiet: Bool { bits & (Self.ready | Self.timers) == 0 }
    /// Somebody sleeps, or is about to.
    @inline(__always)
    var hasSleepers: Bool { bits >= Self.sleeper }

    static let ready: UInt64 = 1 << 0
    static let timers: UInt64 = 1 << 1
    /// The waker was rung, and nobody has heard it yet.
    static let signaled: UInt64 = 1 << 2
    /// A wait is to return, whether there is something to tell or not.
    static let wake: UInt64 = 1 << 3
    /// All above this is the number of sleepers.
    static let sleeper: UInt64 = 1 << 8
  }

  @inline(__always)
  package var state: State { State(bits: word.load(ordering: .acquiring)) }

  // MARK: Waiters

  /// Says that this thread is going to sleep, and returns what held before.
  @inline(__always)
  package func park() -> State {
    State(bits: word.wrappingAdd(State.sleeper, ordering: .acquiringAndReleasing).oldValue)
  }

  @inline(__always)
  package func unpark() {
    word.wrappingSubtract(State.sleeper, ordering: .releasing)
  }

  /// The waker was heard: returns whether it was a wake.
  ///
  /// Look for news after this.
  package func consumeWake() -> Bool {
    word.bitwiseAnd(~(State.signaled | State.wake), ordering: .acquiringAndReleasing).oldValue & State.wake != 0
  }

  /// There is nothing left to take; called while nobody can publish.
  package func clearReady() {
    word.bitwiseAnd(~State.ready, ordering: .releasing)
  }

  /// No timer is left; called while nobody can set one.
  package func clearTimers() {
    word.bitwiseAnd(~State.timers, ordering: .releasing)
  }

  // MARK: Publishers

  /// There is a timer that is due before all others; returns what held before.
  package func publishTimer() -> State {
    State(bits: word.bitwiseOr(State.timers, ordering: .acquiringAndReleasing).oldValue)
  }

  /// For a sleeper that was seen there is something to tell: returns whether the waker must be rung for it.
  ///
  /// It may have got up by now, and hears of nothing then.
  package func handOff() -> Bool {
    word.bitwiseOr(State.signaled, ordering: .acquiringAndReleasing).oldValue & State.signaled == 0
  }

  /// A wait is to return; the waker must be rung.
  package func requestWake() {
    word.bitwiseOr(State.wake | State.signaled, ordering: .acquiringAndReleasing)
  }

  /// The waker that was to be rung could not be.
  package func clearSignal() {
    word.bitwiseAnd(~State.signaled, ordering: .releasing)
  }
}

extension PollerCore: ReadyListOwner where Kernel: ~Copyable {
  package func publish(_ source: ReadyEntry) -> Bool {
    ready.locked.sources.append(source)
    let word = wakeState.word.bitwiseOr(WakeState.State.ready, ordering: .acquiringAndReleasing).oldValue
    if word < WakeState.State.sleeper || word & WakeState.State.signaled != 0 { return false }
    return wakeState.word.bitwiseOr(WakeState.State.signaled, ordering: .acquiringAndReleasing).oldValue
      & WakeState.State.signaled == 0
  }

  package func signalWaker() {
    // Who sleeps hears of nothing else, and a channel tells only of the first message: so a kernel that fails is asked again.
    for _ in 0..<8 where kernel.wake() >= 0 { return }
    wakeState.clearSignal()
  }

  package var refusal: PollerError? { liveness.isUsable ? nil : liveness.refusal }
}
