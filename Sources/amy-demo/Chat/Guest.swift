internal import Amy
internal import AmyFraming
internal import AmySockets
internal import AmyStreams

/// A guest: the socket, what came over it and is no line yet, and what is to go over it.
struct Guest<Stream: ByteStream & ~Copyable>: ~Copyable {
  let registration: Registration<Stream>
  var lines: LineReader
  var output: StreamWriter
  var timer: TimerRegistration
  var name: String
  var (room, interest, isLeaving) = ("", Interest.readable, false)

  init(_ stream: consuming Stream, _ registrar: Registrar, _ limits: ChatLimits) throws(PollerError) {
    registration = try Registration(stream, with: registrar, for: .readable, trigger: .level)
    timer = TimerRegistration(as: registration.id, with: registrar)
    lines = LineReader(limit: limits.lineLength, budget: 4096)
    // There is room for a farewell above the mark.
    output = StreamWriter(limit: limits.unread + 2048, highWaterMark: limits.unread)
    name = "guest\(registration.id.rawValue)"
  }

  /// Sends what is pending, and a line; throws if that is the end of him.
  mutating func send(_ line: String = "") throws {
    _ = try line.isEmpty ? output.flush(to: registration.source) : output.write("\(line)\n", to: registration.source)
    if isLeaving, output.pendingCount == 0 { throw PollerError(.notConnected) }
    let wish = isLeaving ? output.interest : output.interest.union(.readable)
    if wish != interest { try registration.arm(for: wish) }
    interest = wish
  }
}
