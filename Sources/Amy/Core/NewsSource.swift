internal import Synchronization

/// A source of the process's own, a channel or a user event: it has news or it has not.
///
/// It is in its poller's list at most once.
@usableFromInline
package final class NewsSource: Sendable {
  package let id: Event.ID
  package let kind: Event.Kind
  private let office: any NewsOffice
  private let state = Atomic<UInt8>(NewsSource.silent)

  /// Not in the list.
  private static var silent: UInt8 { 0 }
  /// In the list, and to be told.
  private static var posted: UInt8 { 1 }
  /// In the list, but there is nothing to tell any more.
  private static var retracted: UInt8 { 2 }

  package init(id: Event.ID, kind: Event.Kind, office: any NewsOffice) {
    self.id = id
    self.kind = kind
    self.office = office
  }

  /// There is something to tell: returns whether ``ring()`` must follow, once no lock is held.
  ///
  /// What is posted already is not posted twice.
  @usableFromInline
  package func post() -> Bool {
    let old = state.exchange(Self.posted, ordering: .acquiringAndReleasing)
    return old == Self.silent && office.accept(self)
  }

  /// There is nothing to tell any more.
  @usableFromInline
  package func retract() {
    _ = state.compareExchange(expected: Self.posted, desired: Self.retracted, ordering: .acquiringAndReleasing)
  }

  @usableFromInline
  package func ring() {
    office.ring()
  }

  /// Its turn in the list has come: returns whether it is to be told.
  package func deliver() -> Bool {
    state.exchange(Self.silent, ordering: .acquiringAndReleasing) == Self.posted
  }

  /// Why the poller takes no news, if it does not.
  package var refusal: PollerError? { office.refusal }

  /// Whether this process is a forked child: one load.
  @usableFromInline
  package var isForked: Bool { office.isForked }
}

/// Where news goes: a poller's hub, whatever kernel it stands on.
package protocol NewsOffice: AnyObject, Sendable {
  /// Takes a source into the list, and returns whether the bell must be rung.
  func accept(_ source: NewsSource) -> Bool
  func ring()
  var refusal: PollerError? { get }
  var isForked: Bool { get }
}

/// The sources that have news, in the order in which they got it.
package struct News: Sendable {
  private var sources: [NewsSource] = []
  private var first = 0

  package var isEmpty: Bool { first == sources.count }

  /// Amortised O(1).
  package mutating func append(_ source: NewsSource) {
    if first >= 64, first * 2 >= sources.count {
      sources.removeSubrange(..<first)
      first = 0
    }
    sources.append(source)
  }

  /// The next that has something to tell.
  package mutating func next() -> NewsSource? {
    while first < sources.count {
      let source = sources[first]
      first += 1
      if source.deliver() { return source }
    }
    return nil
  }

  /// Lets go of those that were taken, if none is left, and of memory that many of them took.
  package mutating func tidy() {
    if !isEmpty { return }
    sources.removeAll(keepingCapacity: sources.count <= 1 << 10)
    first = 0
  }

  package mutating func removeAll() {
    sources = []
    first = 0
  }
}
