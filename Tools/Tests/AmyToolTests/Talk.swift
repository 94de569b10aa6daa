import Amy
import AmySockets

/// A client's script: pieces of bytes, pauses, and an end.
struct Talk {
  enum Step: Equatable, CustomStringConvertible {
    case say([UInt8])
    /// Reads for a moment, so that the server may see the previous bytes as their own piece.
    case pause

    var description: String {
      guard case .say(let bytes) = self else { return "pause" }
      return bytes.count > 80 ? "say(\(bytes.prefix(40)) ... \(bytes.count) bytes)" : "say(\(bytes))"
    }
  }

  enum End: CaseIterable {
    /// Shuts down sending, and reads to the end.
    case halfClose
    /// Even with more to read.
    case close
    /// Reads until the server ends: for clients that break the protocol.
    case listen
  }

  struct Answer: Equatable {
    var bytes: [UInt8] = []
    /// Whether it ends in an orderly way.
    var isEnded = false
    var error: PollerError?
  }

  var steps: [Step]
  var end: End

  /// All bytes sent.
  var bytes: [UInt8] {
    steps.reduce(into: []) { if case .say(let bytes) = $1 { $0 += bytes } }
  }

  /// In one piece.
  var uncut: Talk { Talk(steps: [.say(bytes)], end: end) }

  /// Cuts bytes at random, with some pauses.
  static func cut(_ bytes: [UInt8], _ random: inout SplitMix) -> [Step] {
    let cuts = (0..<random.below(12)).map { _ in random.below(bytes.count + 1) }.sorted()
    var steps: [Step] = []
    for (start, end) in zip([0] + cuts, cuts + [bytes.count]) {
      steps.append(.say(Array(bytes[start..<end])))
      if random.below(2) == 0 { steps.append(.pause) }
    }
    return steps
  }

  /// Plays the script, and reads meanwhile, or only when nothing can be sent.
  ///
  /// A step fails after half a minute.
  func play(at endpoint: Endpoint, reading isReading: Bool = true) -> Answer {
    var answer = Answer()
    do throws(PollerError) {
      if endpoint.family == .unix {
        try play(on: Line(UnixStream(connectingTo: endpoint)), isReading, &answer)
      } else {
        let stream = try TCPStream(connectingTo: endpoint)
        // Sends each piece by itself.
        try stream.setNoDelay(true)
        try play(on: Line(stream), isReading, &answer)
      }
    } catch {
      answer.error = error
    }
    return answer
  }

  private func play(
    on line: consuming Line<some StreamSocket & ~Copyable>, _ isReading: Bool, _ answer: inout Answer
  ) throws(PollerError) {
    try line.connect()
    for step in steps {
      switch step {
      case .say(let bytes): try line.say(bytes, isReading, &answer)
      case .pause: try line.pause(&answer)
      }
    }
    if end == .close { return }
    if end == .halfClose { try? line.stream.shutdown(.writing) }
    try line.listen(&answer)
  }
}

struct Line<Stream: StreamSocket & ~Copyable>: ~Copyable {
  let stream: Stream
  private let poller: Poller
  private let id: Event.ID
  private static var idleTimeout: Duration { .seconds(30) }

  init(_ stream: consuming Stream) throws(PollerError) {
    let poller = try Poller()
    let id = try poller.registrar.register(stream, for: .none)
    (self.poller, self.id) = (poller, id)
    self.stream = stream
  }

  func connect() throws(PollerError) {
    guard try wait(for: .writable, Self.idleTimeout) else { throw PollerError(.timedOut) }
    _ = try stream.connectResult()
  }

  private func wait(for interest: Interest, _ time: Duration) throws(PollerError) -> Bool {
    var events = EventBuffer(capacity: 1)
    try poller.registrar.reregister(stream, as: id, for: interest, trigger: .once)
    try poller.wait(into: &events, timeout: time)
    return events.count == 1
  }

  func say(_ bytes: [UInt8], _ isReading: Bool, _ answer: inout Talk.Answer) throws(PollerError) {
    var sent = 0
    // At first, the time until the server stalls; later, it has stalled before.
    var stillness = Duration.milliseconds(200)
    while sent < bytes.count {
      do throws(PollerError) {
        if case .bytes(let count) = try stream.write(bytes[sent...]) {
          sent += count
          continue
        }
      } catch {
        // The server's end: its earlier answers can still be read.
        return
      }
      if !isReading, try wait(for: .writable, stillness) { continue }
      stillness = .milliseconds(5)
      guard try wait(for: [.readable, .writable], Self.idleTimeout) else { throw PollerError(.timedOut) }
      try hear(&answer)
    }
  }

  func pause(_ answer: inout Talk.Answer) throws(PollerError) {
    if !answer.isEnded, try wait(for: .readable, .milliseconds(2)) { try hear(&answer) }
  }

  func listen(_ answer: inout Talk.Answer) throws(PollerError) {
    while !answer.isEnded {
      guard try wait(for: .readable, Self.idleTimeout) else { throw PollerError(.timedOut) }
      try hear(&answer)
    }
  }

  /// Returns the lines before one with this prefix; what follows stays.
  func lines(upTo prefix: String, _ answer: inout Talk.Answer) throws(PollerError) -> [String] {
    var lines: [String] = []
    while true {
      while let end = answer.bytes.firstIndex(of: 10) {
        let line = String(decoding: answer.bytes[..<end], as: UTF8.self)
        answer.bytes.removeFirst(end + 1)
        if line.hasPrefix(prefix) { return lines }
        lines.append(line)
      }
      guard !answer.isEnded, try wait(for: .readable, Self.idleTimeout) else { throw PollerError(.timedOut) }
      try hear(&answer)
    }
  }

  private func hear(_ answer: inout Talk.Answer) throws(PollerError) {
    while true {
      switch try stream.read(appendingTo: &answer.bytes, atMost: 1 << 16) {
      case .bytes: continue
      case .wouldBlock: return
      case .closed:
        answer.isEnded = true
        return
      }
    }
  }
}
