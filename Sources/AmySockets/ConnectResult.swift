/// The state of a connect; one that failed is an error instead.
public enum ConnectResult: Hashable, Sendable {
  /// The connection is made.
  case connected
  /// The peer has not answered yet: wait until the stream is writable, and ask again.
  case inProgress
}
