internal import Synchronization

/// How often something was done, by any thread.
final class Counter: Sendable {
  /// What is counted, for people: `connections`.
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
