internal import Amy
internal import AmySockets

/// A client under soak: it follows its plan, and compares each byte that comes back.
struct SoakClient: ~Copyable {
  let plan: ClientPlan
  private let row: Row
  private let registration: Registration<TCPStream>
  /// Ends a pause, under the connection's id.
  private var alarm: TimerRegistration
  private var isConnected = false
  private var isPausing = false
  private var hasEnded = false
  private var sent = 0
  private var received = 0
  /// How far a steady client may send before all is back.
  private var allowed = 0
  /// Its last progress.
  private(set) var since: UInt64

  enum Outcome: Equatable {
    case goesOn
    /// All is back, or it broke off as planned.
    case finished
    /// The bytes differ from those sent.
    case wrong(String)
  }

  init(_ plan: ClientPlan, _ row: Row, to endpoint: Endpoint, _ registrar: Registrar, at now: UInt64) throws(PollerError) {
    // Each address has only some thousand ports a minute.
    let stream = try TCPStream(connectingTo: endpoint, from: .ipv4(127, 0, 1, plan.address, port: 0))
    stream.sendPromptly()
    let registration = try Registration(stream, with: registrar, for: .writable, trigger: plan.trigger)
    alarm = TimerRegistration(as: registration.id, with: registrar)
    self.registration = registration
    self.plan = plan
    self.row = row
    since = now
  }

  var id: Event.ID { registration.id }

  /// For reports of a stall.
  var whereabouts: String {
    """
    a client that is \(plan.kind.rawValue), of \(plan.wire) with trigger \(plan.trigger), \
    \(isConnected ? "connected" : "connecting"): \
    sent \(sent) of \(plan.window.count), got back \(received)
    """
  }

  mutating func handle(
    _ event: Event, _ buffer: inout [UInt8], isOver: Bool, at now: UInt64, _ checked: Counter
  ) throws(PollerError) -> Outcome {
    if case .timer = event.kind {
      isPausing = false
    } else if isPausing {
      return .wrong("got \(event) without interest")
    }
    if !isConnected {
      if try registration.source.connectResult() == .inProgress { return .goesOn }
      isConnected = true
      since = now
      if plan.kind == .storming { return .finished }
      if plan.kind == .idle { return try pause(isOver) }
    }
    let before = sent + received
    let outcome = try talk(&buffer, checked)
    if sent + received > before { since = now }
    if outcome != .goesOn { return outcome }
    if plan.kind == .slow { return try pause(isOver) }
    try arm()
    return .goesOn
  }

  /// Removes its interest for a while.
  private mutating func pause(_ isOver: Bool) throws(PollerError) -> Outcome {
    isPausing = true
    try registration.arm(for: .none)
    try alarm.schedule(after: isOver ? .zero : plan.pause)
    return .goesOn
  }

  private mutating func arm() throws(PollerError) {
    allowMore()
    try registration.arm(for: sent < limit ? [.readable, .writable] : .readable)
  }

  /// How far it may send now.
  private var limit: Int {
    plan.kind == .steady || plan.kind == .idle ? allowed : plan.window.count
  }

  /// Lets a steady client continue when all is back, by whole items.
  private mutating func allowMore() {
    if received < sent { return }
    let next = plan.window.lowerBound + min(sent + plan.piece, plan.window.count)
    allowed = row.end(atOrAfter: next) - plan.window.lowerBound
  }

  private mutating func talk(_ buffer: inout [UInt8], _ checked: Counter) throws(PollerError) -> Outcome {
    try send()
    if plan.isBreakingOff, plan.kind != .garbage, sent >= plan.breaksAfter {
      // The rest is discarded: a reset.
      if plan.kind == .resetting { try? registration.source.setLinger(.zero) }
      return .finished
    }
    let outcome = try receive(&buffer, checked)
    if outcome != .goesOn || plan.kind == .garbage || received < plan.window.count { return outcome }
    // All is back; a half-closed client waits for the server to close.
    return plan.kind == .halfClosing ? .goesOn : .finished
  }

  private mutating func send() throws(PollerError) {
    allowMore()
    let limit = min(limit, plan.kind == .slow ? sent + plan.piece : .max)
    while sent < limit {
      let rest = plan.window.dropFirst(sent).prefix(limit - sent)
      guard case .bytes(let count) = try write(rest) else { break }
      sent += count
    }
    if sent == plan.window.count, !hasEnded, plan.kind == .halfClosing || plan.kind == .garbage {
      try registration.source.shutdown(.writing)
      hasEnded = true
    }
  }

  private func write(_ rest: Range<Int>) throws(PollerError) -> WriteResult {
    // A frame beyond the limit.
    if plan.kind == .garbage, plan.wire == .frames, sent < 4 { return try registration.source.write([0xFF]) }
    let bytes = row.bytes
    return try registration.source.write(bytes.span.extracting(rest))
  }

  private mutating func receive(_ buffer: inout [UInt8], _ checked: Counter) throws(PollerError) -> Outcome {
    while true {
      buffer.removeAll(keepingCapacity: true)
      switch try registration.source.read(appendingTo: &buffer, atMost: plan.kind == .slow ? plan.piece : 1 << 16) {
      case .wouldBlock: return .goesOn
      case .closed: return end()
      case .bytes(let count):
        if plan.kind == .garbage { continue }
        if received + count > sent { return .wrong("got \(received + count) bytes back, and had sent \(sent)") }
        let window = plan.window.dropFirst(received).prefix(count)
        let bytes = row.bytes
        if let place = buffer.span.firstDifference(from: bytes.span.extracting(window)) {
          return .wrong("got a wrong byte at \(received + place)")
        }
        received += count
        checked.add(count)
        if plan.kind == .slow || received == plan.window.count && plan.kind != .halfClosing { return .goesOn }
      }
    }
  }

  private func end() -> Outcome {
    if plan.kind == .garbage || received == plan.window.count && hasEnded { return .finished }
    return .wrong("was cut off")
  }
}
