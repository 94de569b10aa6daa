internal import Amy
internal import AmySockets
internal import AmyThreads

/// One connection of the generator: sends a request, waits for all of its answer, compares it, and sends the next.
struct Client<Stream: EchoStream & ~Copyable, Talk: Exchange & ~Copyable>: ~Copyable {
  /// Which one of the plan's connections it is.
  let number: Int
  private let registration: Registration<Stream>
  private var talk: Talk
  private var isGreeted = false
  /// Whether a request is under way.
  private(set) var isBusy = false
  private var request = 0
  private var begun: UInt64 = 0
  private var isStuck = false
  /// Tells when the next request is to be sent, under the connection's own id, where the plan says when.
  private var beat: TimerRegistration
  private var next = Deadline.never

  /// What an event led to.
  enum Outcome {
    /// There is more to come.
    case goesOn
    /// The answer to a request that was begun then is whole, and right.
    case echoed(since: UInt64)
    /// It is to begin a request, since others wait for it.
    case asked
    /// The server closed the connection.
    case closed
    /// The answer is not what it should be.
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
    let id = registration.id
    self.number = number
    self.registration = registration
    talk = Talk(plan.place(of: number))
    beat = TimerRegistration(as: id, with: registrar)
  }

  var id: Event.ID { registration.id }

  /// Whether it is connected, and the server knows it.
  var isConnected: Bool { isGreeted && talk.isReady }

  /// Looks whether the connect has ended, and introduces itself then.
  ///
  /// Throws how it failed.
  mutating func finishConnecting() throws(PollerError) {
    if try registration.source.connectResult() == .inProgress { return }
    try talk.greet(on: registration.source)
    isStuck = talk.isStuck
    try registration.arm(for: isStuck ? [.readable, .writable] : .readable)
    isGreeted = true
  }

  /// Takes an event before the first request is begun.
  mutating func settle(
    _ readiness: Readiness, _ pattern: Pattern, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) throws(PollerError) {
    guard isGreeted else { return try finishConnecting() }
    if case .goesOn = try handle(readiness, pattern, &buffer, &report) { return }
    // Nobody has been asked anything yet.
    throw PollerError(.connectionReset)
  }

  /// Asks to be told when a request is to be sent.
  mutating func wait(until time: Deadline) throws(PollerError) {
    next = time
    try beat.schedule(at: time)
  }

  /// Asks to be told of the request after the one that it was told of: so much after that, and so without drift.
  mutating func wait(another pause: Duration) throws(PollerError) {
    try wait(until: next + pause)
  }

  /// Begins the next request.
  mutating func begin(_ pattern: Pattern, at now: UInt64) throws(PollerError) {
    isBusy = true
    begun = now
    request += 1
    try talk.begin(request - 1, pattern, on: registration.source)
    try arm()
  }

  /// What does not fit waits until there is room; reading goes on meanwhile, or a server that does not read before its answer
  /// is taken would wait for us, and we for it.
  private mutating func arm() throws(PollerError) {
    if talk.isStuck == isStuck { return }
    isStuck.toggle()
    try registration.arm(for: isStuck ? [.readable, .writable] : .readable)
  }

  /// Does what an event says can be done.
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

  /// How far the request is, with what has come already.
  mutating func progress() -> Outcome {
    switch talk.progress(isBusy: isBusy) {
    case .whole: end()
    case .asked: .asked
    default: .goesOn
    }
  }

  private mutating func end() -> Outcome {
    guard isBusy else { return .wrong("connection \(number): the server answered what was not asked") }
    isBusy = false
    return .echoed(since: begun)
  }
}
