import Foundation

/// A count that threads add to, and that one can wait for.
public final class Tally: Sendable {
  private let condition = NSCondition()
  private let count = Count()

  // Touched only while the condition is locked.
  private final class Count: @unchecked Sendable {
    var value = 0
  }

  public init() {}

  public func add(_ more: Int) {
    condition.lock()
    count.value += more
    condition.broadcast()
    condition.unlock()
  }

  public var value: Int {
    condition.lock()
    defer { condition.unlock() }
    return count.value
  }

  /// Returns as soon as the count is at least that.
  public func wait(for goal: Int) {
    condition.lock()
    while count.value < goal { condition.wait() }
    condition.unlock()
  }
}
