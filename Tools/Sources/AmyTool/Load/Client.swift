internal import Amy
internal import AmySockets
internal import AmyThreads

/// A connection of the generator: it sends a request, compares its complete answer, and sends the next.
struct Client<Stream: EchoStream & ~Copyable, Talk: Exchange & ~Copyable>: ~Copyable {
  /// Its number in the plan.
  let number: Int
  private let registration: Registration<Stream>
  private var talk: Talk
  private var isGreeted = false
  /// Whether a request is in progress.
  private(set) var isBusy = false
  private var request = 0
  private var begun: UInt64 = 0
  private var isStuck = false
  /// The next request's timer, under the connection's id, if the plan sets an interval.
  private var beat: TimerRegistration
  private var next = Deadline.never

  enum Outcome {
    case goesOn
    /// A request begun at that time has its complete, correct answer.
    case echoed(since: UInt64)
    /// Others wait for the client's request.
    case asked
    /// The server closed.
    case closed
    case wrong(String)
  }

  /// Begins to connect, with trigger level, which needs no reregistration per request.
  init(_ number: Int, _ plan: LoadPlan, _ registrar: Registrar) throws(PollerError) {
    let stream = try Stream(connectingTo: plan.endpoint, from: plan.source(of: number))
    stream.sendPromptly()
    // First what can throw: a partly initialized noncopyable value cannot be taken apart.
    let registration = try Registration(stream, with: registrar, for: .writable, trigger: .level)
    let id = registration.id
    self.number = number
    self.registration = registration
    talk = Talk(plan.place(of: number))
    beat = TimerRegistration(as: id, with: registrar)
  }

  var id: Event.ID { registration.id }

  /// Whether it is connected and known to the server.
  var isConnected: Bool { isGreeted && talk.isReady }

  /// Introduces the client once connected; throws the connect's error.
  mutating func finishConnecting() throws(PollerError) {
    if try registration.source.connectResult() == .inProgress { return }
    try talk.greet(on: registration.source)
    isStuck = talk.isStuck
    try registration.arm(for: isStuck ? [.readable, .writable] : .readable)
    isGreeted = true
  }

  /// Handles an event before the first request.
  mutating func settle(
    _ readiness: Readiness, _ pattern: Pattern, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) throws(PollerError) {
    guard isGreeted else { return try finishConnecting() }
    if case .goesOn = try handle(readiness, pattern, &buffer, &report) { return }
    // No request has been sent.
    throw PollerError(.connectionReset)
  }

  mutating func wait(until time: Deadline) throws(PollerError) {
    next = time
    try beat.schedule(at: time)
  }

  /// Schedules the next request relative to the last one's time, without drift.
  mutating func wait(another pause: Duration) throws(PollerError) {
    try wait(until: next + pause)
  }

  mutating func begin(_ pattern: Pattern, at now: UInt64) throws(PollerError) {
    isBusy = true
    begun = now
    request += 1
    try talk.begin(request - 1, pattern, on: registration.source)
    try arm()
  }

  /// Waits for room for unsent bytes.
  ///
  /// Reading goes on: a server that does not read until its answer is taken would wait for us, and we for it.
  private mutating func arm() throws(PollerError) {
    if talk.isStuck == isStuck { return }
    isStuck.toggle()
    try registration.arm(for: isStuck ? [.readable, .writable] : .readable)
  }

  mutating func handle(
    _ readiness: Readiness, _ pattern: Pattern, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) throws(PollerError) -> Outcome {
    if isStuck, readiness.contains(.writable) {
      try talk.flush(pattern, on: registration.source)
      try arm()
    }
    guard readiness.contains(.readable) else { return .goesOn }
    switch try talk.receive(pattern, &buffer, on: registration.source, &report) {
    case .goesOn, .asked: return progress()
    case .closed: return .closed
    case .whole: return end()
    case .wrong(let how): return .wrong("connection \(number), request \(request): \(how)")
    }
  }

  /// Returns the request's state after what has arrived.
  mutating func progress() -> Outcome {
    switch talk.progress(isBusy: isBusy) {
    case .whole: end()
    case .asked: .asked
    default: .goesOn
    }
  }

  private mutating func end() -> Outcome {
    guard isBusy else { return .wrong("connection \(number): the server answered without a request") }
    isBusy = false
    return .echoed(since: begun)
  }
}
