internal import Amy
internal import AmySockets
internal import AmyStreams

/// A guest: the socket, what came over it and is no line yet, and what is to go over it.
struct Guest<Stream: ByteStream & StreamSocket & ~Copyable>: ~Copyable {
  let registration: Registration<Stream>
  var lines: LineReader
  var output: StreamWriter
  var timer: TimerRegistration
  var name: String
  var (room, interest, isAtEnd, isLeaving) = ("", Interest.readable, false, false)

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
    let sent = try? line.isEmpty ? output.flush(to: registration.source) : output.write("\(line)\n", to: registration.source)
    // He is gone and hears nothing more; what he said before is still to be read.
    if sent == nil { output = StreamWriter(limit: 1) }
    if isLeaving, isAtEnd, output.pendingCount == 0 { throw PollerError(.notConnected) }
    // Closing would be a reset while he still talks, which overtakes what he was told. So he closes first.
    if isLeaving, output.pendingCount == 0 { try registration.source.shutdown(.writing) }
    let wish = isAtEnd ? output.interest : output.interest.union(.readable)
    if wish != interest { try registration.arm(for: wish) }
    interest = wish
  }
}
