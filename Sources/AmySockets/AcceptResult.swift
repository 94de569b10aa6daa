/// The result of an accept.
public enum AcceptResult<Stream: ~Copyable>: ~Copyable {
  /// A connection and its peer's address, which for Unix is usually ``Endpoint/unnamed``.
  case accepted(Stream, from: Endpoint)
  /// No connection waits: wait until the listener is readable.
  case wouldBlock
}

extension AcceptResult: Sendable where Stream: Sendable & ~Copyable {}
