internal import Amy
internal import AmySockets

/// What the server does with a client: one for each protocol that any model can thread.
protocol Service: ~Copyable, Sendable {
  /// For a client who has just come.
  init()

  /// Does what can be done without waiting.
  ///
  /// - Parameters:
  ///   - stream: The client.
  ///   - buffer: Room to read into; nothing in it is kept.
  ///   - report: Counts what was done.
  ///
  /// - Returns: What to wait for next; nil if the client has left, or is gone.
  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest?
}
