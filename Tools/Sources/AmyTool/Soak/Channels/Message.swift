internal import Synchronization

/// A message, of which there is one: it cannot be copied, and its end is counted.
struct Message: ~Copyable, Sendable {
  let sender: Int
  /// Each sender counts its own.
  let number: Int
  private let alive: Alive

  /// How many letters of a channel there are.
  final class Alive: Sendable {
    private let number = Atomic(0)
    var value: Int { number.load(ordering: .acquiring) }
    fileprivate func add(_ count: Int) { number.add(count, ordering: .acquiringAndReleasing) }
  }

  init(from sender: Int, _ number: Int, _ alive: Alive) {
    self.sender = sender
    self.number = number
    self.alive = alive
    alive.add(1)
  }

  deinit {
    alive.add(-1)
  }
}
