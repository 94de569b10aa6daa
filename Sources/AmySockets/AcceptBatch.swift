/// The result of accepting several connections.
public struct AcceptBatch: Hashable, Sendable {
  /// The number of connections that were handed over.
  public let count: Int
  /// Whether the backlog is empty; if not, the limit was reached.
  ///
  /// With trigger edge or once, then accept again before you wait, or reregister.
  public let isDrained: Bool

  /// Makes a result, for tests.
  @inlinable
  public init(count: Int, isDrained: Bool) {
    self.count = count
    self.isDrained = isDrained
  }
}
