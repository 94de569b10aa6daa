/// The result of accepting several connections.
public struct AcceptBatch: Hashable, Sendable {
  /// The number of connections that were handed over.
  public let count: Int
  /// Whether the backlog is empty.
  ///
  /// If not, the limit was reached, and more may wait: with trigger edge or once, accept again before you wait, or reregister.
  public let isDrained: Bool

  /// Makes a result as a listener returns it, for tests.
  @inlinable
  public init(count: Int, isDrained: Bool) {
    self.count = count
    self.isDrained = isDrained
  }
}
