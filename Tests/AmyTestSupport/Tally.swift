import AmyThreads

/// A counter that threads add to and can wait for.
package final class Tally: Sendable {
  private let count = Monitor(0)

  package init() {}

  package func add(_ more: Int) {
    count.withLock { $0 += more }
    count.notifyAll()
  }

  package var value: Int { count.withLock { $0 } }

  package func wait(for goal: Int) {
    let _: Bool = count.wait { $0 >= goal ? true : nil }
  }
}
