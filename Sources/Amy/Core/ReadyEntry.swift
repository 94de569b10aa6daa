internal import Synchronization

/// A source inside the process, a channel or a user event: it has something to report or it has not.
///
/// It is in its poller's list at most once. A sender or a user event keeps no poller alive and no descriptor open: a source
/// refers to its owner weakly, and holds it only for the length of a call. So the waker that it signals cannot be closed during
/// the call. See `Documentation/decisions/0033-whose-a-handle-is.md`.
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

  /// Marks that there is something to report: returns whether the owner's waker must be signalled, once no lock is held.
  ///
  /// An entry that is in the list already is not added again.
  @usableFromInline
  package func markReady() -> Bool {
    let old = state.exchange(Self.marked, ordering: .acquiringAndReleasing)
    return old == Self.silent && owner?.publish(self) == true
  }

  /// Does the same, and signals the waker if needed; throws if the poller accepts no entries.
  package func trigger() throws(PollerError) {
    if forkDetector.isForked { throw PollerError(.forked) }
    guard let owner else { throw PollerError(.closed) }
    if let refusal = owner.refusal { throw refusal }
    if markReady() { owner.signalWaker() }
  }

  /// Marks that there is nothing left to report.
  @usableFromInline
  package func clearReady() {
    _ = state.compareExchange(expected: Self.marked, desired: Self.cleared, ordering: .acquiringAndReleasing)
  }

  /// Takes the entry in its turn in the list, and returns whether it has something to report.
  package func takeReady() -> Bool {
    state.exchange(Self.silent, ordering: .acquiringAndReleasing) == Self.marked
  }
}

/// The owner of a ready list: a poller's core, whatever its kernel.
@usableFromInline
package protocol ReadyListOwner: AnyObject, Sendable {
  /// Adds a source to the list, and returns whether the waker must be signalled.
  func publish(_ source: ReadyEntry) -> Bool
  func signalWaker()
  /// Why it accepts no entries, or nil if it does.
  var refusal: PollerError? { get }
}

/// The sources that have something to report, in the order in which they became ready.
package struct ReadyList: Sendable {
  /// The entries before index `first` have been taken out.
  package var sources: [ReadyEntry] = []
  private var first = 0

  package var isEmpty: Bool { first == sources.count }

  /// Takes the next source that has something to report; amortised O(1).
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

  /// Releases the entries that were taken, if none is left, and the memory of a list of more than 1,024 entries.
  package mutating func tidy() {
    if !isEmpty { return }
    sources.removeAll(keepingCapacity: sources.count <= 1 << 10)
    first = 0
  }
}
