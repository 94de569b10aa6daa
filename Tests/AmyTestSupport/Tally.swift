import AmyThreads

/// A counter that threads add to and can wait for.
package final class Tally: Sendable {
  private let count = Monitor(0)

  /// Starts at zero.
  package init() {}

  /// Adds to the count, and wakes waiting threads.
  package func add(_ more: Int) {
    count.withLock { $0 += more }
    count.notifyAll()
  }

  /// The count so far.
  package var value: Int { count.withLock { $0 } }

  /// Returns once the count has reached the goal.
  package func wait(for goal: Int) {
    let _: Bool = count.wait { $0 >= goal ? true : nil }
  }
}
