internal import Synchronization

/// A noncopyable message that counts its destruction.
struct Message: ~Copyable, Sendable {
  let sender: Int
  /// Counted per sender.
  let number: Int
  private let alive: Alive

  /// A channel's live messages.
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
