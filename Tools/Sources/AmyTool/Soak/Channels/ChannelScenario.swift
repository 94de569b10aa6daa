internal import Amy
internal import AmyThreads
internal import Synchronization

/// A sequence of channels, with or without a poller, and user events between messages.
final class ChannelScenario: Sendable {
  let poller: Poller?
  private let workers: Workers
  private let number: Int
  private let stage = Monitor(Stage())
  private let wakers: [Waker]
  private let counts: Counts

  struct Counts: Sendable {
    let channels = Counter("channels")
    let received = Counter("messages")
    let returned = Counter("given back")
    let rung = Counter("user events")
  }

  private struct Stage {
    var checker: ChannelChecker?
    /// Whether no more channels come.
    var isClosed = false
    /// The messages and user events at the last progress, and its time.
    var seen: (count: Int, time: UInt64)?
  }

  /// A user event, which reports at least once all that happened before its trigger.
  private final class Waker: Sendable {
    let event: UserEvent
    /// The triggers, and those reported.
    let rung = Atomic(0)
    let told = Atomic(0)

    init(_ registrar: Registrar) throws(PollerError) {
      event = try registrar.makeUserEvent()
    }

    var isSilent: Bool { told.load(ordering: .acquiring) >= rung.load(ordering: .acquiring) }
  }

  init(_ workers: Workers, _ number: Int, hasPoller: Bool, _ counts: Counts) throws(PollerError) {
    self.workers = workers
    self.number = number
    self.counts = counts
    let poller = hasPoller ? try Poller() : nil
    self.poller = poller
    var wakers: [Waker] = []
    if let poller {
      for _ in 0..<3 { wakers.append(try Waker(poller.registrar)) }
    }
    self.wakers = wakers
  }

  private func violation(_ what: String) {
    workers.violations.report("channels", what)
  }

  /// Checks the current channel's progress.
  func inspect(at now: UInt64) {
    let isStuck = stage.withLock { stage in
      guard let checker = stage.checker else {
        stage.seen = nil
        return false
      }
      let count = checker.counts.reduce(0, +) + wakers.reduce(0) { $0 + $1.told.load(ordering: .relaxed) }
      if let seen = stage.seen, seen.count == count { return workers.violations.isOverdue(since: seen.time, at: now) }
      stage.seen = (count, now)
      return false
    }
    if isStuck {
      let waker = wakers.allSatisfy(\.isSilent) ? "" : ", and a user event that was not reported"
      violation("channel \(number + 1) stalled: messages or room for them are missing\(waker)")
    }
  }

  // Receiving.

  /// Receives from one channel after the other, without a poller, until the last.
  func receive() {
    var rng = SeededRNG(workers.seed, "receiver", number)
    while true {
      let next = stage.wait { stage -> ChannelChecker?? in
        if let checker = stage.checker { return .some(checker) }
        return stage.isClosed ? .some(nil) : nil
      }
      guard let checker = next else { return }
      let spinning = rng.isOne(in: 8) ? Duration.microseconds(50) : .zero
      if let mistake = checker.receiveSleeping(spinning: spinning) { violation(mistake) }
    }
  }

  func wait(
    on poller: Poller, _ events: inout EventBuffer, timeout: Duration?, _ rng: inout SeededRNG
  ) throws(PollerError) {
    try poller.wait(into: &events, timeout: timeout)
    for index in events.indices {
      let id = events[index].id
      if let waker = wakers.first(where: { $0.event.id == id }) {
        waker.told.max(waker.rung.load(ordering: .acquiring), ordering: .acquiringAndReleasing)
      } else if let checker = stage.withLock({ $0.checker }), checker.id == id, let mistake = checker.receive(&rng) {
        violation(mistake)
      }
    }
  }

  // One channel after the other.

  func direct() throws(PollerError) {
    var rng = SeededRNG(workers.seed, "scenario", number)
    let sleep = try CheckedSleep(workers.violations)
    while !workers.violations.isOver {
      let senders = rng.roll(1...4)
      let sizes = (0..<senders).map { _ in rng.size(upTo: 20_000) }
      let rest = rng.isOne(in: 4) ? rng.size(upTo: sizes.reduce(0, +) + 1) : nil
      let capacity = rng.isOne(in: 2) ? 1 + rng.size(upTo: 500) : nil
      try live(Life(sizes: sizes, rest: rest, capacity: capacity), &rng, sleep)
      counts.channels.add()
      sleep.rest(rng.duration(upTo: .milliseconds(5)))
    }
    stage.withLock { $0.isClosed = true }
    stage.notifyAll()
  }

  /// A sender's messages.
  private struct Sent {
    var taken = 0
    var returned = 0
  }

  private struct Life {
    /// Each sender's messages.
    let sizes: [Int]
    /// The messages after which the receiver is dropped.
    let rest: Int?
    /// Nil for an unbounded channel.
    let capacity: Int?
  }

  /// Runs a channel from first message to last.
  private func live(_ life: Life, _ rng: inout SeededRNG, _ sleep: CheckedSleep) throws(PollerError) {
    let (checker, sent) = try run(life, &rng)
    stage.withLock { $0.seen = nil }
    let returned = sent.reduce(0) { $0 + $1.returned }
    while !checker.isAtEnd || !wakers.allSatisfy(\.isSilent) { sleep.rest(.milliseconds(1)) }
    stage.withLock { $0.checker = nil }
    if !checker.isLeft, checker.counts != sent.map(\.taken) {
      violation("of \(sent.map(\.taken)) messages \(checker.counts) arrived before the end")
    }
    if !checker.isLeft, returned > 0 { violation("\(returned) messages came back from a channel that has a receiver") }
    counts.returned.add(returned)
    // A waiter may be about to release the last message.
    let begin = MonotonicClock.now
    while checker.alive.value != 0, !workers.violations.isOverdue(since: begin, at: MonotonicClock.now) {
      sleep.rest(.milliseconds(1))
    }
    if checker.alive.value != 0 { violation("\(checker.alive.value) messages were neither received, given back nor freed") }
  }

  /// Makes a channel, and sends all its messages; no sender is left.
  private func run(_ life: Life, _ rng: inout SeededRNG) throws(PollerError) -> (ChannelChecker, [Sent]) {
    let (office, checker) = try open(life)
    stage.withLock { $0.checker = checker }
    stage.notifyAll()
    return (checker, try send(life, through: office, to: checker, &rng))
  }

  /// Opens a channel, whose receiver only the checker has.
  private func open(_ life: Life) throws(PollerError) -> (PostOffice, ChannelChecker) {
    let (office, receiver) = try makeOffice(life.capacity)
    return (office, ChannelChecker(receiver, senders: life.sizes.count, leavingAfter: life.rest, counts.received))
  }

  private func makeOffice(_ capacity: Int?) throws(PollerError) -> (PostOffice, Receiver<Message>) {
    guard let poller else {
      if let capacity {
        let (sender, receiver) = try makeChannel(of: Message.self, capacity: capacity)
        return (PostOffice(bounded: sender), receiver)
      }
      let (sender, receiver) = try makeChannel(of: Message.self)
      return (PostOffice(unbounded: sender), receiver)
    }
    if let capacity {
      let (sender, receiver) = try poller.registrar.makeChannel(of: Message.self, capacity: capacity)
      return (PostOffice(bounded: sender), receiver)
    }
    let (sender, receiver) = try poller.registrar.makeChannel(of: Message.self)
    return (PostOffice(unbounded: sender), receiver)
  }

  /// Starts and awaits a thread per sender; returns the fate of its messages.
  private func send(
    _ life: Life, through office: PostOffice, to checker: ChannelChecker, _ rng: inout SeededRNG
  ) throws(PollerError) -> [Sent] {
    var threads: [SystemThread<Sent, PollerError>] = []
    for (sender, size) in life.sizes.enumerated() {
      let dices = SeededRNG(rng.next())
      let thread = try? SystemThread<Sent, PollerError>(named: "sender") { () throws(PollerError) in
        var rng = dices
        return try self.send(size, as: sender, through: office, to: checker, &rng)
      }
      guard let thread else { throw PollerError(.outOfMemory) }
      threads.append(thread)
      workers.visitors.add()
    }
    var sent: [Sent] = []
    for thread in threads { sent.append(try thread.join()) }
    return sent
  }

  private func send(
    _ count: Int, as sender: Int, through office: PostOffice, to checker: ChannelChecker, _ rng: inout SeededRNG
  ) throws(PollerError) -> Sent {
    let sleep = try CheckedSleep(workers.violations)
    var sent = Sent()
    for number in 0..<count {
      if workers.violations.isOver { break }
      let isBack = office.send(Message(from: sender, number, checker.alive), &rng)
      if isBack {
        sent.returned += 1
        // A returned message means that the receiver is gone: the next return as well.
        if !checker.isLeft || sent.returned > 20 { break }
      } else {
        sent.taken += 1
        if sent.returned > 0 { violation("a message was accepted after one had come back") }
      }
      if rng.isOne(in: 256) { sleep.rest(rng.duration(upTo: .milliseconds(1))) }
      if !wakers.isEmpty, rng.isOne(in: 64) {
        let waker = rng.pick(wakers)
        waker.rung.add(1, ordering: .acquiringAndReleasing)
        try waker.event.trigger()
        counts.rung.add()
      }
    }
    return sent
  }
}
