internal import Amy
internal import AmySockets
internal import AmyStreams

/// A connection's conversation with the server, a type per protocol.
protocol Exchange: ~Copyable, Sendable {
  init(_ place: LoadPlan.Place)

  /// Introduces the client once connected.
  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError)
  /// Whether the server knows the client.
  var isReady: Bool { get }

  /// Begins a request, and sends what fits.
  mutating func begin<Stream: EchoStream & ~Copyable>(
    _ request: Int, _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError)
  mutating func flush<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError)
  /// Whether unsent bytes are left.
  var isStuck: Bool { get }

  mutating func receive<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, _ buffer: inout [UInt8], on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) -> Reception
  mutating func progress(isBusy: Bool) -> Reception
}

/// The result of a read, or a request's state.
enum Reception: Equatable {
  case goesOn
  /// The answer is complete and correct.
  case whole
  /// Others have begun a round, and wait for this member.
  case asked
  /// The server closed.
  case closed
  case wrong(String)
}

extension Exchange where Self: ~Copyable {
  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError) {}
  var isReady: Bool { true }
  mutating func progress(isBusy: Bool) -> Reception { .goesOn }
}
