internal import Amy
internal import AmySockets

/// One client's service: a type per protocol, for any model.
protocol Service: ~Copyable, Sendable {
  init()

  /// Does everything possible without waiting.
  ///
  /// - Parameters:
  ///   - stream: The client.
  ///   - buffer: Room for reading, not kept.
  ///   - report: Counts the work.
  ///
  /// - Returns: The interest to wait for; nil if the client is gone.
  mutating func serve<Stream: EchoStream & ~Copyable>(
    _ stream: borrowing Stream, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Interest?
}
