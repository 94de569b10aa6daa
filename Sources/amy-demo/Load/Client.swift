internal import Amy
internal import AmySockets
internal import AmyThreads

/// One connection of the generator: sends a request, waits for all of its echo, compares it, and sends the next.
struct Client<Stream: EchoStream & ~Copyable>: ~Copyable {
  /// Which one of the plan's connections it is.
  let number: Int
  private let registration: Registration<Stream>
  private(set) var isConnected = false
  /// Whether a request is under way.
  private(set) var isBusy = false
  private var request = 0
  private var window = 0..<0
  private var sent = 0
  private var received = 0
  private var begun: UInt64 = 0
  private var isStuck = false

  /// What an event led to.
  enum Outcome {
    /// There is more to come.
    case goesOn
    /// The echo of a request that was begun then is whole, and right.
    case echoed(since: UInt64)
    /// The server closed the connection.
    case closed
    /// The echo is not what was sent.
    case wrong(String)
  }

  /// Begins to connect.
  ///
  /// By trigger level, which needs no reregistering for each request.
  init(_ number: Int, _ plan: LoadPlan, _ registrar: Registrar) throws(PollerError) {
    let stream = try Stream(connectingTo: plan.endpoint, from: plan.source(of: number))
    stream.sendPromptly()
    // First what can throw: a noncopyable value cannot be taken apart half-made.
    let registration = try Registration(stream, with: registrar, for: .writable, trigger: .level)
    self.number = number
    self.registration = registration
  }

  var id: Event.ID { registration.id }

  /// Looks whether the connect has ended.
  ///
  /// Throws how it failed.
  mutating func finishConnecting() throws(PollerError) {
    if try registration.source.connectResult() == .inProgress { return }
    try registration.arm(for: .readable)
    isConnected = true
  }

  /// Begins the next request.
  mutating func begin(_ pattern: Pattern, at now: UInt64) throws(PollerError) {
    isBusy = true
    window = pattern.window(of: request, on: number)
    request += 1
    (sent, received, begun) = (0, 0, now)
    try send(pattern)
  }

  /// Sends what is left of the request.
  ///
  /// What does not fit waits until there is room; reading goes on meanwhile, or a server that does not read before its answer
  /// is taken would wait for us, and we for it.
  private mutating func send(_ pattern: Pattern) throws(PollerError) {
    let rest = window.dropFirst(sent)
    if case .bytes(let count) = try registration.source.write(pattern.bytes.span.extracting(rest)) { sent += count }
    if (sent < window.count) != isStuck {
      isStuck.toggle()
      try registration.arm(for: isStuck ? [.readable, .writable] : .readable)
    }
  }

  /// Does what an event says can be done.
  mutating func handle(
    _ readiness: Readiness, _ pattern: Pattern, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) throws(PollerError) -> Outcome {
    if isStuck, readiness.contains(.writable) { try send(pattern) }
    guard readiness.contains(.readable) else { return .goesOn }
    buffer.removeAll(keepingCapacity: true)
    switch try registration.source.read(appendingTo: &buffer, atMost: buffer.capacity) {
    case .closed: return .closed
    case .wouldBlock: return .goesOn
    case .bytes(let count): return check(buffer, count, pattern, &report)
    }
  }

  private mutating func check(
    _ buffer: borrowing [UInt8], _ count: Int, _ pattern: Pattern, _ report: inout ThreadReport
  ) -> Outcome {
    report.bytes += count
    guard isBusy, received + count <= sent else {
      return .wrong("connection \(number): the server sent more than it was sent")
    }
    let expected = window.dropFirst(received).prefix(count)
    if let position = pattern.mismatch(buffer, in: expected) {
      return .wrong("connection \(number), request \(request): byte \(received + position) is not the one that was sent")
    }
    received += count
    if received < window.count { return .goesOn }
    isBusy = false
    return .echoed(since: begun)
  }
}
