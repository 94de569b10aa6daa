internal import Amy
internal import AmySockets
internal import AmyStreams

/// Lines or frames that the server sends back.
protocol Asking: ~Copyable, Sendable {
  init()
  mutating func ask<Stream: ByteStream & ~Copyable>(
    _ item: Span<UInt8>, on stream: borrowing Stream
  ) throws(StreamWriteError)
  mutating func flush<Stream: ByteStream & ~Copyable>(to stream: borrowing Stream) throws(PollerError)
  var isStuck: Bool { get }
  mutating func read<Stream: ByteStream & ~Copyable>(from stream: borrowing Stream) throws(PollerError) -> ReadProgress
  mutating func next() throws -> Bool
  func withItem<Result>(_ body: (Span<UInt8>) -> Result) -> Result
}

struct AskingLines: Asking, ~Copyable {
  private var reader = LineReader(limit: WireProtocol.limit, budget: WireProtocol.budget)
  private var writer = StreamWriter(limit: WireProtocol.limit + 1)

  mutating func ask<Stream: ByteStream & ~Copyable>(
    _ item: Span<UInt8>, on stream: borrowing Stream
  ) throws(StreamWriteError) {
    do throws(OutputQueueError) {
      try writer.enqueue(item, endedBy: [UInt8(ascii: "\n")])
    } catch { throw .queueFull(error) }
    do throws(PollerError) { try writer.flush(to: stream) } catch { throw .stream(error) }
  }

  mutating func flush<Stream: ByteStream & ~Copyable>(to stream: borrowing Stream) throws(PollerError) {
    try writer.flush(to: stream)
  }

  var isStuck: Bool { writer.pendingCount > 0 }

  mutating func read<Stream: ByteStream & ~Copyable>(from stream: borrowing Stream) throws(PollerError) -> ReadProgress {
    try reader.read(from: stream)
  }

  mutating func next() throws -> Bool { try reader.next() }
  func withItem<Result>(_ body: (Span<UInt8>) -> Result) -> Result { reader.withBytes(body) }
}

struct AskingFrames: Asking, ~Copyable {
  private var reader = FrameReader(limit: WireProtocol.limit, budget: WireProtocol.budget)
  private var writer = FrameWriter(limit: WireProtocol.limit + 4)

  mutating func ask<Stream: ByteStream & ~Copyable>(
    _ item: Span<UInt8>, on stream: borrowing Stream
  ) throws(StreamWriteError) {
    try writer.write(item, to: stream)
  }

  mutating func flush<Stream: ByteStream & ~Copyable>(to stream: borrowing Stream) throws(PollerError) {
    try writer.flush(to: stream)
  }

  var isStuck: Bool { writer.pendingCount > 0 }

  mutating func read<Stream: ByteStream & ~Copyable>(from stream: borrowing Stream) throws(PollerError) -> ReadProgress {
    try reader.read(from: stream)
  }

  mutating func next() throws -> Bool { try reader.next() }
  func withItem<Result>(_ body: (Span<UInt8>) -> Result) -> Result { reader.withBytes(body) }
}

struct ItemExchange<Items: Asking & ~Copyable>: Exchange, ~Copyable {
  private let place: LoadPlan.Place
  private var items = Items()
  private var window: Range<Int>?

  init(_ place: LoadPlan.Place) {
    self.place = place
  }

  mutating func begin<Stream: EchoStream & ~Copyable>(
    _ request: Int, _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError) {
    let window = pattern.window(of: request, on: place.number)
    self.window = window
    do throws(StreamWriteError) {
      try items.ask(pattern.bytes.span.extracting(window), on: stream)
    } catch {
      if case .stream(let error) = error { throw error }
      throw PollerError(.messageTooLong)
    }
  }

  mutating func flush<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError) {
    try items.flush(to: stream)
  }

  var isStuck: Bool { items.isStuck }

  mutating func receive<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, _ buffer: inout [UInt8], on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) -> Reception {
    let progress = try items.read(from: stream)
    report.bytes += progress.bytes
    var reception = progress.isAtEnd ? Reception.closed : .goesOn
    do {
      while try items.next() {
        guard let window else { return .wrong("the server sent more than it received") }
        let isRight = items.withItem { $0.count == window.count && pattern.mismatch($0, in: window) == nil }
        if !isRight { return .wrong("the answer differs from what was sent") }
        self.window = nil
        reception = .whole
      }
    } catch {
      return .wrong("\(error)")
    }
    return reception
  }
}
