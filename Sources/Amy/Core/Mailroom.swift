internal import Synchronization

/// Who sleeps, and what there is to tell that the kernel does not know of: one word, changed by atomic operations alone.
///
/// Whoever publishes something first stores it and then changes this word; whoever wants to sleep first says so in this word
/// and then looks for what was published. All of these are read-modify-write operations on one word, so they have an order:
/// either the publisher comes later and sees the sleeper, or the sleeper comes later and sees that something was published.
///
/// A publisher that sees a sleeper rings the kernel's bell, once until a waiter has heard it. Whoever hears it looks again, and
/// whoever leaves with something left behind rings for the next sleeper: so a waiter that is busy strands nothing.
/// `Verification/models/wake.pml` is this protocol for spin, which finds no way to lose a wake.
package struct Mailroom: ~Copyable {
  private let word: Atomic<UInt64>

  /// - Parameter isWatchedFromOutside: Somebody sleeps who cannot be seen here: a loop that watches the poller's descriptor.
  package init(isWatchedFromOutside: Bool) {
    word = Atomic(isWatchedFromOutside ? State.sleeper : 0)
  }

  /// What the word says.
  package struct State {
    let bits: UInt64

    /// Sources have news that no waiter has taken yet.
    @inline(__always)
    var hasNews: Bool { bits & Self.news != 0 }
    /// Timers may be pending.
    @inline(__always)
    var hasTimers: Bool { bits & Self.timers != 0 }
    /// Nothing but the kernel can have anything to tell.
    @inline(__always)
    var isQuiet: Bool { bits & (Self.news | Self.timers) == 0 }
    /// Somebody sleeps, or is about to.
    @inline(__always)
    var hasSleepers: Bool { bits >= Self.sleeper }

    static var news: UInt64 { 1 << 0 }
    static var timers: UInt64 { 1 << 1 }
    /// The bell was rung, and nobody has heard it yet.
    static var rung: UInt64 { 1 << 2 }
    /// A wait is to return, whether there is something to tell or not.
    static var wake: UInt64 { 1 << 3 }
    /// All above this is the number of sleepers.
    static var sleeper: UInt64 { 1 << 8 }
  }

  @inline(__always)
  package var state: State { State(bits: word.load(ordering: .acquiring)) }

  // MARK: Waiters

  /// Says that this thread is going to sleep, and returns what held before.
  @inline(__always)
  package func lieDown() -> State {
    State(bits: word.wrappingAdd(State.sleeper, ordering: .acquiringAndReleasing).oldValue)
  }

  @inline(__always)
  package func getUp() {
    word.wrappingSubtract(State.sleeper, ordering: .releasing)
  }

  /// The bell was heard: returns whether it was a wake.
  ///
  /// Look for news after this.
  package func hear() -> Bool {
    word.bitwiseAnd(~(State.rung | State.wake), ordering: .acquiringAndReleasing).oldValue & State.wake != 0
  }

  /// There is nothing left to take; called while nobody can publish.
  package func forgetNews() {
    word.bitwiseAnd(~State.news, ordering: .releasing)
  }

  /// No timer is left; called while nobody can set one.
  package func forgetTimers() {
    word.bitwiseAnd(~State.timers, ordering: .releasing)
  }

  // MARK: Publishers

  /// There is news: returns whether the bell must be rung.
  package func publishNews() -> Bool {
    publish(State.news)
  }

  /// There is a timer that is due before all others; returns what held before.
  package func publishTimer() -> State {
    State(bits: word.bitwiseOr(State.timers, ordering: .acquiringAndReleasing).oldValue)
  }

  /// Something is left behind: returns whether the bell must be rung for whoever sleeps.
  package func passOn() -> Bool {
    publish(0)
  }

  /// A wait is to return; the bell must be rung.
  package func requestWake() {
    word.bitwiseOr(State.wake | State.rung, ordering: .acquiringAndReleasing)
  }

  /// The bell that was to be rung could not be.
  package func unring() {
    word.bitwiseAnd(~State.rung, ordering: .releasing)
  }

  private func publish(_ bits: UInt64) -> Bool {
    var old = word.load(ordering: .relaxed)
    while true {
      let mustRing = old >= State.sleeper && old & State.rung == 0
      let new = old | bits | (mustRing ? State.rung : 0)
      let (exchanged, seen) = word.compareExchange(
        expected: old, desired: new, successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed)
      if exchanged { return mustRing }
      old = seen
    }
  }
}
