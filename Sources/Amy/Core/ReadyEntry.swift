internal import Synchronization

/// A source of the process's own, a channel or a user event: it has news or it has not.
///
/// It is in its poller's list at most once. Whoever still has a sender or a user event keeps no poller alive by it, and no
/// descriptor open: a source refers to its owner weakly, and has it for as long as a call takes. So the waker that it rings
/// cannot be closed under it. See `Documentation/decisions/0033-whose-a-handle-is.md`.
@usableFromInline
package final class ReadyEntry: Sendable {
  package let id: Event.ID
  package let kind: Event.Kind
  @usableFromInline
  internal weak let owner: (any ReadyListOwner)?
  private let forkDetector: ForkDetector
  private let state = Atomic<UInt8>(ReadyEntry.silent)

  /// Not in the list.
  private static let silent: UInt8 = 0
  /// In the list, and to be told.
  private static let marked: UInt8 = 1
  /// In the list, but there is nothing to tell any more.
  private static let cleared: UInt8 = 2

  package init(id: Event.ID, kind: Event.Kind, owner: any ReadyListOwner, forkDetector: ForkDetector) {
    self.id = id
    self.kind = kind
    self.owner = owner
    self.forkDetector = forkDetector
  }

  /// There is something to tell: returns whether the owner's waker must be rung, once no lock is held.
  ///
  /// What is posted already is not posted twice.
  @usableFromInline
  package func markReady() -> Bool {
    let old = state.exchange(Self.marked, ordering: .acquiringAndReleasing)
    return old == Self.silent && owner?.publish(self) == true
  }

  /// The same, and whatever must follow; throws where the poller takes no news.
  package func trigger() throws(PollerError) {
    if forkDetector.isForked { throw PollerError(.forked) }
    guard let owner else { throw PollerError(.closed) }
    if let refusal = owner.refusal { throw refusal }
    if markReady() { owner.signalWaker() }
  }

  /// There is nothing to tell any more.
  @usableFromInline
  package func clearReady() {
    _ = state.compareExchange(expected: Self.marked, desired: Self.cleared, ordering: .acquiringAndReleasing)
  }

  /// Its turn in the list has come: returns whether it is to be told.
  package func takeReady() -> Bool {
    state.exchange(Self.silent, ordering: .acquiringAndReleasing) == Self.marked
  }
}

/// Where news goes: a poller's core, whatever kernel it stands on.
@usableFromInline
package protocol ReadyListOwner: AnyObject, Sendable {
  /// Takes a source into the list, and returns whether the waker must be rung.
  func publish(_ source: ReadyEntry) -> Bool
  func signalWaker()
  /// Why it takes no news, if it does not.
  var refusal: PollerError? { get }
}

/// The sources that have news, in the order in which they got it.
package struct ReadyList: Sendable {
  /// The first so many have been taken out.
  package var sources: [ReadyEntry] = []
  private var first = 0

  package var isEmpty: Bool { first == sources.count }

  /// The next that has something to tell; amortised O(1).
  package mutating func next() -> ReadyEntry? {
    while first < sources.count {
      let source = sources[first]
      first += 1
      if first >= 64, first * 2 >= sources.count {
        sources.removeSubrange(..<first)
        first = 0
      }
      if source.takeReady() { return source }
    }
    return nil
  }

  /// Lets go of those that were taken, if none is left, and of memory that many of them took.
  package mutating func tidy() {
    if !isEmpty { return }
    sources.removeAll(keepingCapacity: sources.count <= 1 << 10)
    first = 0
  }
}
