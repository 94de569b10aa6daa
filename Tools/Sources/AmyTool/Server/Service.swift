internal import Amy
internal import AmySockets

/// The service of one client: one type for each protocol that any model can thread.
protocol Service: ~Copyable, Sendable {
  /// Creates the service of a new client.
  init()

  /// Does everything possible without waiting.
  ///
  /// - Parameters:
  ///   - stream: The client.
  ///   - buffer: Room for reading; nothing in it is kept.
  ///   - report: Counts the work.
  ///
  /// - Returns: The interest to wait for; nil if the client has left or is gone.
  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest?
}
