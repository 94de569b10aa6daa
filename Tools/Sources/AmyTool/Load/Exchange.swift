internal import Amy
internal import AmySockets
internal import AmyStreams

/// How a connection of the generator talks with the server: one for each protocol.
protocol Exchange: ~Copyable, Sendable {
  init(_ place: LoadPlan.Place)

  /// Introduces itself, as soon as the connection is made.
  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError)
  /// Whether it is known, and can begin.
  var isReady: Bool { get }

  /// Sends a request, as much of it as goes.
  mutating func begin<Stream: EchoStream & ~Copyable>(
    _ request: Int, _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError)
  /// Sends what is left.
  mutating func flush<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError)
  /// Whether something is left to be sent.
  var isStuck: Bool { get }

  /// Reads, and compares.
  mutating func receive<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, _ buffer: inout [UInt8], on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) -> Reception
  /// How far the request is.
  mutating func progress(isBusy: Bool) -> Reception
}

/// What came of a read, or how far a request is.
enum Reception: Equatable {
  /// There is more to come.
  case goesOn
  /// The answer is whole, and right.
  case whole
  /// Others have begun a round, and wait for this one's part in it.
  case asked
  /// The server closed the connection.
  case closed
  /// The answer is not what it should be.
  case wrong(String)
}

extension Exchange where Self: ~Copyable {
  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError) {}
  var isReady: Bool { true }
  mutating func progress(isBusy: Bool) -> Reception { .goesOn }
}
