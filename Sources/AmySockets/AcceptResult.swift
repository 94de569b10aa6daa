/// What an accept brought.
public enum AcceptResult<Stream: ~Copyable>: ~Copyable {
  /// A connection, and who made it: for Unix mostly ``Endpoint/unnamed``.
  case accepted(Stream, from: Endpoint)
  /// No connection is waiting: wait until the listener is readable.
  case wouldBlock
}

extension AcceptResult: Sendable where Stream: Sendable & ~Copyable {}
