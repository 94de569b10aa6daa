internal import Amy
internal import AmySockets
internal import AmyStreams

/// The conversation of a connection of the generator with the server: one type per protocol.
protocol Exchange: ~Copyable, Sendable {
  init(_ place: LoadPlan.Place)

  /// Introduces the client, as soon as the connection is made.
  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError)
  /// Whether the server knows the client, which can begin.
  var isReady: Bool { get }

  /// Begins a request, and sends as much of it as possible.
  mutating func begin<Stream: EchoStream & ~Copyable>(
    _ request: Int, _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError)
  /// Sends what is left.
  mutating func flush<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError)
  /// Whether unsent bytes are left.
  var isStuck: Bool { get }

  /// Reads and compares.
  mutating func receive<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, _ buffer: inout [UInt8], on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) -> Reception
  /// Returns the state of the request.
  mutating func progress(isBusy: Bool) -> Reception
}

/// The result of a read, or the state of a request.
enum Reception: Equatable {
  /// More is to come.
  case goesOn
  /// The answer is complete and correct.
  case whole
  /// Others have begun a round, and wait for this member's message.
  case asked
  /// The server closed the connection.
  case closed
  /// The answer is wrong.
  case wrong(String)
}

extension Exchange where Self: ~Copyable {
  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError) {}
  var isReady: Bool { true }
  mutating func progress(isBusy: Bool) -> Reception { .goesOn }
}
