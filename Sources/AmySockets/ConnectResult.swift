/// How far a connect has come.
///
/// One that failed is an error instead.
public enum ConnectResult: Hashable, Sendable {
  /// There is a connection.
  case connected
  /// The peer has not answered yet: wait until the stream is writable, and ask again.
  case inProgress
}
