/// Which direction of a stream to end.
public enum ShutdownDirection: Hashable, Sendable, CaseIterable {
  /// Reads come to the end after what has arrived.
  case reading
  /// Writes throw from now on, and the peer reads to the end.
  case writing
  /// Both.
  case both
}
