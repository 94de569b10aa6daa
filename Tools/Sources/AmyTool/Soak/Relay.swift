internal import Amy
internal import AmySockets
internal import AmyThreads

/// A token that goes round sleeping pollers by a wake, a message, a user event, a timer, or a byte.
///
/// Nothing else can wake them: one failure stops the token for ever. A poller that is not its next station must keep sleeping.
final class Relay: SoakPart {
  let name = "relay"
  let workers: Workers
  let hops = Counter("hops")
  private let stations: [Station]
  private let token: Monitor<Token>

  enum Means: CaseIterable {
    case wake, message, bounded, user, timer, byte
  }

  private struct Token {
    var rng: SeededRNG
    var station = 0
    var means = Means.wake
    var isHome = false
  }

  private final class Station: Sendable {
    let poller: Poller
    let letters: (sender: Sender<Int>, receiver: Receiver<Int>)
    let cards: (sender: BoundedSender<Int>, receiver: Receiver<Int>)
    let waker: UserEvent
    let timer: Event.ID
    let wire: Event.ID
    let near: UnixStream
    let far: UnixStream

    init() throws(PollerError) {
      poller = try Poller()
      let registrar = poller.registrar
      letters = try registrar.makeChannel(of: Int.self)
      cards = try registrar.makeChannel(of: Int.self, capacity: 1)
      waker = try registrar.makeUserEvent()
      timer = registrar.reserveID()
      let pair = try UnixStream.pair()
      near = pair.first
      far = pair.second
      wire = try registrar.register(near, for: .readable)
    }
  }

  init(_ workers: Workers) throws(PollerError) {
    self.workers = workers
    var stations: [Station] = []
    for _ in 0..<3 { stations.append(try Station()) }
    self.stations = stations
    token = Monitor(Token(rng: SeededRNG(workers.seed, "relay")))
  }

  var counters: [Counter] { [hops] }

  func start() throws {
    // One has two sleepers, one of which must be notified.
    for (number, waiters) in [1, 2, 1].enumerated() {
      for _ in 0..<waiters {
        try workers.waiters.start("relay \(number + 1)") { (_) throws(PollerError) in try self.wait(at: number) }
      }
    }
    try stations[0].poller.wake()
  }

  var isDone: Bool { token.withLock { $0.isHome } }

  var whereabouts: String {
    token.withLock { "the token, on its way to poller \($0.station + 1) by \($0.means), did not arrive" }
  }

  func close() {
    for station in stations { station.poller.close() }
    workers.waiters.join()
  }

  private func wait(at number: Int) throws(PollerError) {
    let station = stations[number]
    let sleep = try CheckedSleep(workers.violations)
    var events = EventBuffer(capacity: 4)
    while true {
      try station.poller.wait(into: &events)
      var seen: [Means] = events.isEmpty ? [.wake] : []
      for index in events.indices { seen.append(try take(events[index], at: station)) }
      for means in seen { try pass(means, at: number, sleep) }
    }
  }

  /// Takes an event's cause, so that it is not reported again.
  private func take(_ event: Event, at station: Station) throws(PollerError) -> Means {
    switch event.id {
    case station.letters.receiver.id:
      if station.letters.receiver.tryReceive() != .message(1) { violation("an event of a channel without its message") }
      return .message
    case station.cards.receiver.id:
      if station.cards.receiver.tryReceive() != .message(2) { violation("an event of a bounded channel without its message") }
      return .bounded
    case station.waker.id: return .user
    case station.timer: return .timer
    case station.wire:
      var byte: [UInt8] = []
      if try station.near.read(appendingTo: &byte, atMost: 8) != .bytes(1) {
        violation("an event of a socket without its byte")
      }
      try station.poller.registrar.reregister(station.near, as: station.wire, for: .readable, trigger: .once)
      return .byte
    default:
      violation("an event without any cause: \(event)")
      return .wake
    }
  }

  /// Passes the token on, if it came to this station by these means.
  private func pass(_ means: Means, at number: Int, _ sleep: CheckedSleep) throws(PollerError) {
    let arrived = token.withLock { token in (token.station == number && token.means == means, token.station, token.means) }
    guard arrived.0 else {
      return violation(
        "poller \(number + 1) was woken by \(means), while the token was on its way to poller \(arrived.1 + 1) by \(arrived.2)")
    }
    hops.add()
    let isOver = workers.violations.isOver
    let (next, pause, isTired) = token.withLock { token in
      token.station = (number + 1) % stations.count
      token.means = token.rng.pick(Means.allCases)
      token.isHome = isOver
      return (token, token.rng.roll(0...20_000), token.rng.isOne(in: 200))
    }
    if isOver { return }
    if isTired { sleep.rest(.milliseconds(2)) }
    // To meet the next sleeper at every stage of falling asleep.
    let begin = MonotonicClock.now
    while MonotonicClock.now - begin < UInt64(pause) {}
    try send(by: next.means, to: stations[next.station], after: .nanoseconds(pause))
  }

  private func send(by means: Means, to station: Station, after delay: Duration) throws(PollerError) {
    let registrar = station.poller.registrar
    switch means {
    case .wake: try registrar.wake()
    case .message:
      if station.letters.sender.send(1) != nil { violation("a message came back from a channel that has a receiver") }
    case .bounded: if station.cards.sender.trySend(2) != .sent { violation("an empty channel for one message took none") }
    case .user: try station.waker.trigger()
    case .timer: _ = try registrar.scheduleTimer(after: delay, as: station.timer)
    case .byte: if try station.far.write([1]) != .bytes(1) { violation("a socket took no byte") }
    }
  }
}
