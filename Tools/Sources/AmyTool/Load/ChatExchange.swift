internal import Amy
internal import AmySockets
internal import AmyStreams

/// Protocol chat: a room whose members speak in rounds.
///
/// A member sends its next message when it has those of all others for this round: every message must reach all members, in
/// order, or the room stalls. One that has stopped still sends while others wait for it.
struct ChatExchange: Exchange, ~Copyable {
  private let place: LoadPlan.Place
  private var reader = LineReader(limit: 1024, budget: 1 << 16)
  private var writer = StreamWriter(limit: 4096)
  private(set) var isReady = false
  /// The messages from each other member.
  private var heard: [Int: Int] = [:]
  private var finished = 0
  /// The members heard in this round, and in the next.
  private var (current, following) = (0, 0)

  init(_ place: LoadPlan.Place) {
    self.place = place
  }

  mutating func greet<Stream: EchoStream & ~Copyable>(on stream: borrowing Stream) throws(PollerError) {
    try send("NAME \(place.name)\nJOIN \(place.room)\n", on: stream)
  }

  private mutating func send<Stream: EchoStream & ~Copyable>(
    _ text: String, on stream: borrowing Stream
  ) throws(PollerError) {
    do throws(StreamWriteError) {
      try writer.write(text, to: stream)
    } catch {
      if case .stream(let error) = error { throw error }
      throw PollerError(.messageTooLong)
    }
  }

  mutating func begin<Stream: EchoStream & ~Copyable>(
    _ request: Int, _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError) {
    let text = String(decoding: pattern.bytes[pattern.window(of: request, on: place.number)], as: UTF8.self)
    try send("SAY \(request) \(text)\n", on: stream)
  }

  mutating func flush<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, on stream: borrowing Stream
  ) throws(PollerError) {
    try writer.flush(to: stream)
  }

  var isStuck: Bool { writer.pendingCount > 0 }

  mutating func receive<Stream: EchoStream & ~Copyable>(
    _ pattern: Pattern, _ buffer: inout [UInt8], on stream: borrowing Stream, _ report: inout ThreadReport
  ) throws(PollerError) -> Reception {
    let progress = try reader.read(from: stream)
    report.bytes += progress.bytes
    do {
      while try reader.next() {
        if let how = hear(try reader.string(), pattern) { return .wrong(how) }
      }
    } catch {
      return .wrong("\(error)")
    }
    return progress.isAtEnd ? .closed : .goesOn
  }

  /// Takes a line, and returns what is wrong with it.
  private mutating func hear(_ line: String, _ pattern: Pattern) -> String? {
    if line.hasPrefix("* ") {
      if line == "* you are in \(place.room)" { isReady = true }
      return nil
    }
    let parts = line.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, parts[0].hasPrefix(place.prefix),
      let sender = Int(parts[0].dropFirst(place.prefix.count).dropLast()),
      sender != place.number, place.isInRoom(sender), let request = Int(parts[1])
    else { return "a line that no member of the room sent: \(line.prefix(80))" }
    let expected = heard[sender, default: 0]
    if request != expected { return "message \(request) of member \(sender) came instead of \(expected)" }
    if pattern.mismatch(Array(parts[2].utf8).span, in: pattern.window(of: request, on: sender)) != nil
      || parts[2].utf8.count != pattern.size
    {
      return "message \(request) of member \(sender) differs from what was sent"
    }
    heard[sender] = request + 1
    if request == finished { current += 1 } else { following += 1 }
    return request > finished + 1 ? "member \(sender) is two rounds ahead" : nil
  }

  mutating func progress(isBusy: Bool) -> Reception {
    if !isBusy { return current > 0 ? .asked : .goesOn }
    guard current == place.roomSize - 1 else { return .goesOn }
    finished += 1
    (current, following) = (following, 0)
    return .whole
  }
}
