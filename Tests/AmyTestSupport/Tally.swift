import AmyThreads

/// A count that threads add to, and that one can wait for.
package final class Tally: Sendable {
  private let count = Monitor(0)

  /// Nothing yet.
  package init() {}

  /// Adds, and wakes who waits.
  package func add(_ more: Int) {
    count.withLock { $0 += more }
    count.notifyAll()
  }

  /// The count so far.
  package var value: Int { count.withLock { $0 } }

  /// Returns as soon as the count is at least that.
  package func wait(for goal: Int) {
    let _: Bool = count.wait { $0 >= goal ? true : nil }
  }
}
