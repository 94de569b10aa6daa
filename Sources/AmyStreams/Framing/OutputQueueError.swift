/// The reason that an ``OutputQueue`` accepted nothing.
public enum OutputQueueError: Error, Hashable, Sendable {
  /// The pending bytes and `refused` more would exceed the limit.
  case full(refused: Int, pending: Int, limit: Int)
}

extension OutputQueueError: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .full(let refused, let pending, let limit):
      """
      \(refused) bytes in addition to \(pending) pending ones would exceed the limit of \(limit): \
      the peer reads too slowly, so wait until it has read, or close the connection
      """
    }
  }
}
