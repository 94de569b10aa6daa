internal import Synchronization

/// A noncopyable message, whose destruction is counted.
struct Message: ~Copyable, Sendable {
  let sender: Int
  /// The number of the message, counted per sender.
  let number: Int
  private let alive: Alive

  /// The number of live messages of a channel.
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
