/// What accepting many at a time did.
public struct AcceptBatch: Hashable, Sendable {
  /// How many connections were handed over.
  public let count: Int
  /// Whether the backlog is empty.
  ///
  /// If not, the limit was reached, and more may be waiting: with trigger edge or once, accept again before you wait, or
  /// reregister.
  public let isDrained: Bool

  /// A result as a listener would give it, for tests.
  @inlinable
  public init(count: Int, isDrained: Bool) {
    self.count = count
    self.isDrained = isDrained
  }
}
