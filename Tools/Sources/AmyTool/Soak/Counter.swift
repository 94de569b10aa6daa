internal import Synchronization

final class Counter: Sendable {
  /// For people: `connections`.
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
