internal import Synchronization

/// A source inside the process, a channel or a user event: it has something to report or not.
///
/// It is in its poller's list at most once. It refers to its owner weakly, and holds it only during a call: so a sender or a
/// user event keeps no poller alive and no descriptor open, but the waker is not closed meanwhile. See
/// `Documentation/decisions/0033-whose-a-handle-is.md`.
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
  /// In the list, and to report.
  private static let marked: UInt8 = 1
  /// In the list, with nothing left to report.
  private static let cleared: UInt8 = 2

  package init(id: Event.ID, kind: Event.Kind, owner: any ReadyListOwner, forkDetector: ForkDetector) {
    self.id = id
    self.kind = kind
    self.owner = owner
    self.forkDetector = forkDetector
  }

  /// Marks that there is something to report; returns whether to signal the owner's waker, once no lock is held.
  @usableFromInline
  package func markReady() -> Bool {
    let old = state.exchange(Self.marked, ordering: .acquiringAndReleasing)
    return old == Self.silent && owner?.publish(self) == true
  }

  /// Does the same, and signals the waker if needed.
  package func trigger() throws(PollerError) {
    if forkDetector.isForked { throw PollerError(.forked) }
    guard let owner else { throw PollerError(.closed) }
    if let refusal = owner.refusal { throw refusal }
    if markReady() { owner.signalWaker() }
  }

  @usableFromInline
  package func clearReady() {
    _ = state.compareExchange(expected: Self.marked, desired: Self.cleared, ordering: .acquiringAndReleasing)
  }

  /// Returns whether it has something to report.
  package func takeReady() -> Bool {
    state.exchange(Self.silent, ordering: .acquiringAndReleasing) == Self.marked
  }
}

@usableFromInline
package protocol ReadyListOwner: AnyObject, Sendable {
  /// Returns whether to signal the waker.
  func publish(_ source: ReadyEntry) -> Bool
  func signalWaker()
  var refusal: PollerError? { get }
}

/// In the order in which they became ready.
package struct ReadyList: Sendable {
  /// Those before index `first` have been taken.
  package var sources: [ReadyEntry] = []
  private var first = 0

  package var isEmpty: Bool { first == sources.count }

  /// Amortised O(1).
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

  /// If no entry is left, releases those taken, and the memory of more than 1,024.
  package mutating func tidy() {
    if !isEmpty { return }
    sources.removeAll(keepingCapacity: sources.count <= 1 << 10)
    first = 0
  }
}
