/// Why an ``OutputQueue`` took nothing.
public enum OutputQueueError: Error, Hashable, Sendable {
  /// So many bytes more than are pending would be over the limit.
  case full(refused: Int, pending: Int, limit: Int)
}

extension OutputQueueError: CustomStringConvertible {
  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .full(let refused, let pending, let limit):
      """
      \(refused) bytes and the \(pending) that are pending would be over the limit of \(limit): \
      the peer reads too slowly, so wait until it has read, or close the connection
      """
    }
  }
}
