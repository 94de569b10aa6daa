internal import Amy
internal import AmySockets
internal import AmyStreams

/// Lines or frames that come back.
protocol Answering: ~Copyable, Sendable {
  init()
  mutating func read<Stream: ByteStream & ~Copyable>(from stream: borrowing Stream) throws(PollerError) -> ReadProgress
  /// Queues the next item as its answer; false if there is none.
  mutating func answerNext() throws -> Bool
  mutating func flush<Stream: ByteStream & ~Copyable>(to stream: borrowing Stream) throws(PollerError)
  var isCongested: Bool { get }
  /// The interest for more writing.
  var interest: Interest { get }
}

/// Lines that end with LF, CR and LF, or the input; answers end with LF.
struct AnsweringLines: Answering, ~Copyable {
  private var reader = LineReader(limit: WireProtocol.limit, budget: WireProtocol.budget)
  private var writer = StreamWriter(
    limit: WireProtocol.unread + WireProtocol.limit + 1, highWaterMark: WireProtocol.unread)
  private static let end = [UInt8(ascii: "\n")]

  mutating func read<Stream: ByteStream & ~Copyable>(from stream: borrowing Stream) throws(PollerError) -> ReadProgress {
    try reader.read(from: stream)
  }

  mutating func answerNext() throws -> Bool {
    guard try reader.nextOrRest() else { return false }
    try reader.withBytes { line throws(OutputQueueError) in try writer.enqueue(line, endedBy: Self.end) }
    return true
  }

  mutating func flush<Stream: ByteStream & ~Copyable>(to stream: borrowing Stream) throws(PollerError) {
    try writer.flush(to: stream)
  }

  var isCongested: Bool { writer.isCongested }
  var interest: Interest { writer.interest }
}

/// Frames of amy's format.
struct AnsweringFrames: Answering, ~Copyable {
  private var reader = FrameReader(limit: WireProtocol.limit, budget: WireProtocol.budget)
  private var writer = FrameWriter(
    limit: WireProtocol.unread + WireProtocol.limit + 4, highWaterMark: WireProtocol.unread)

  mutating func read<Stream: ByteStream & ~Copyable>(from stream: borrowing Stream) throws(PollerError) -> ReadProgress {
    try reader.read(from: stream)
  }

  mutating func answerNext() throws -> Bool {
    guard try reader.next() else { return false }
    try reader.withBytes { payload throws(FrameEncodingError) in try writer.enqueue(payload) }
    return true
  }

  mutating func flush<Stream: ByteStream & ~Copyable>(to stream: borrowing Stream) throws(PollerError) {
    try writer.flush(to: stream)
  }

  var isCongested: Bool { writer.isCongested }
  var interest: Interest { writer.interest }
}
