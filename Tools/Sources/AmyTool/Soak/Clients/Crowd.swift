internal import Amy
internal import AmyThreads

/// A thread's clients, which come and go.
struct Crowd: ~Copyable {
  private let part: ClientsPart
  private let poller: Poller
  private var rng: SeededRNG
  private var clients = EventTable<SoakClient>()
  private var events = EventBuffer(capacity: 64)
  private var buffer: [UInt8] = []
  /// The storm's clients still to come.
  private var storm = 0

  private static var most: Int { 60 }

  init(_ part: ClientsPart, _ poller: Poller, _ number: Int) {
    self.part = part
    self.poller = poller
    rng = SeededRNG(part.workers.seed, "clients", number)
    buffer.reserveCapacity(1 << 16)
  }

  /// Starts clients until the soak is over, and serves them to their end.
  mutating func run() throws(PollerError) {
    var nextArrival = MonotonicClock.now
    var nextLook = nextArrival
    while !part.workers.violations.isOver || !clients.isEmpty {
      let now = MonotonicClock.now
      if now >= nextArrival, !part.workers.violations.isOver {
        if clients.count < Self.most { arrive(at: now) }
        nextArrival = now + UInt64(storm > 0 ? 200_000 : rng.roll(0...12_000_000))
      }
      if now >= nextLook {
        clients.forEach { _, client in part.inspect(client, at: now) }
        nextLook = now + 1_000_000_000
      }
      let rest = part.workers.violations.isOver ? 50_000_000 : nextArrival - min(now, nextArrival)
      try poller.wait(into: &events, timeout: .nanoseconds(Int64(rest)))
      for index in events.indices { handle(events[index]) }
    }
  }

  private mutating func arrive(at now: UInt64) {
    if storm > 0 { storm -= 1 }
    if storm == 0, rng.isOne(in: 200) { storm = rng.roll(10...100) }
    let plan = part.plan(&rng, storm > 0 ? .storming : rng.pick(ClientPlan.Kind.allCases))
    guard let client = part.connect(plan, poller.registrar, at: now) else { return }
    part.count(plan)
    let id = client.id
    clients.insert(client, for: id)
  }

  private mutating func handle(_ event: Event) {
    let now = MonotonicClock.now
    let goesOn = clients.withValue(for: event.id) { client in part.handle(event, &client, &buffer, at: now) }
    if goesOn == false { clients.removeValue(for: event.id) }
  }
}
