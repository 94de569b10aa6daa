internal import Synchronization

/// A counter that any thread may increment.
final class Counter: Sendable {
  /// The name of the counter, for people: `connections`.
  let name: String
  private let number = Atomic(0)

  init(_ name: String) {
    self.name = name
  }

  func add(_ count: Int = 1) {
    number.add(count, ordering: .relaxed)
  }

  var value: Int { number.load(ordering: .relaxed) }
}
