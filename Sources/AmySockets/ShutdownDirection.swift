/// The direction of a stream to shut down.
public enum ShutdownDirection: Hashable, Sendable, CaseIterable {
  /// Reads return what has arrived, and then the end.
  case reading
  /// Writes throw from now on, and the peer reads up to the end.
  case writing
  /// Both directions.
  case both
}
