internal import Amy
internal import AmyThreads
internal import Synchronization

/// A poller, or none, and the channels that come and go on it, one after the other; with user events between them.
final class Circuit: Sendable {
  let poller: Poller?
  private let staff: Staff
  private let number: Int
  private let stage = Monitor(Stage())
  private let wakers: [Waker]
  private let counts: Counts

  /// What is counted for all circuits.
  struct Counts: Sendable {
    let channels = Counter("channels")
    let received = Counter("messages")
    let returned = Counter("given back")
    let rung = Counter("user events")
  }

  private struct Stage {
    /// The channel that there is.
    var lane: Lane?
    /// Whether there will be none any more.
    var isClosed = false
    /// How far the channel was when somebody looked last and it had got on, and when that was.
    var seen: (count: Int, time: UInt64)?
  }

  /// A user event, which tells at least once of all that happened before it was triggered.
  private final class Waker: Sendable {
    let event: UserEvent
    /// How often it was triggered, and how many of these were told.
    let rung = Atomic(0)
    let told = Atomic(0)

    init(_ registrar: Registrar) throws(PollerError) {
      event = try registrar.makeUserEvent()
    }

    var isSilent: Bool { told.load(ordering: .acquiring) >= rung.load(ordering: .acquiring) }
  }

  init(_ staff: Staff, _ number: Int, hasPoller: Bool, _ counts: Counts) throws(PollerError) {
    self.staff = staff
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
    staff.referee.report("channels", what)
  }

  /// Looks whether the channel that there is gets on.
  func inspect(at now: UInt64) {
    let isStuck = stage.withLock { stage in
      guard let lane = stage.lane else {
        stage.seen = nil
        return false
      }
      let count = lane.counts.reduce(0, +) + wakers.reduce(0) { $0 + $1.told.load(ordering: .relaxed) }
      if let seen = stage.seen, seen.count == count { return staff.referee.isOverdue(since: seen.time, at: now) }
      stage.seen = (count, now)
      return false
    }
    if isStuck {
      let waker = wakers.allSatisfy(\.isSilent) ? "" : ", and a user event that was not told"
      violation("channel \(number + 1) stands still: messages or room for them\(waker)")
    }
  }

  // Who receives.

  /// Receives from one channel after the other, without a poller, until there will be none any more.
  func receive() {
    var dice = Dice(staff.seed, "receiver", number)
    while true {
      let next = stage.wait { stage -> Lane?? in
        if let lane = stage.lane { return .some(lane) }
        return stage.isClosed ? .some(nil) : nil
      }
      guard let lane = next else { return }
      let spinning = dice.isOne(in: 8) ? Duration.microseconds(50) : .zero
      if let mistake = lane.receiveSleeping(spinning: spinning) { violation(mistake) }
    }
  }

  /// Waits once, and takes what there is.
  func wait(
    on poller: Poller, _ events: inout EventBuffer, timeout: Duration?, _ dice: inout Dice
  ) throws(PollerError) {
    try poller.wait(into: &events, timeout: timeout)
    for index in events.indices {
      let id = events[index].id
      if let waker = wakers.first(where: { $0.event.id == id }) {
        waker.told.max(waker.rung.load(ordering: .acquiring), ordering: .acquiringAndReleasing)
      } else if let lane = stage.withLock({ $0.lane }), lane.id == id, let mistake = lane.receive(&dice) {
        violation(mistake)
      }
    }
  }

  // One channel after the other.

  func direct() throws(PollerError) {
    var dice = Dice(staff.seed, "circuit", number)
    let nap = try Nap(staff.referee)
    while !staff.referee.isOver {
      let senders = dice.roll(1...4)
      let sizes = (0..<senders).map { _ in dice.size(upTo: 20_000) }
      let rest = dice.isOne(in: 4) ? dice.size(upTo: sizes.reduce(0, +) + 1) : nil
      let capacity = dice.isOne(in: 2) ? 1 + dice.size(upTo: 500) : nil
      try live(Life(sizes: sizes, rest: rest, capacity: capacity), &dice, nap)
      counts.channels.add()
      nap.rest(dice.duration(upTo: .milliseconds(5)))
    }
    stage.withLock { $0.isClosed = true }
    stage.notifyAll()
  }

  /// What became of a sender's messages.
  private struct Sent {
    var taken = 0
    var returned = 0
  }

  private struct Life {
    /// The messages of each sender.
    let sizes: [Int]
    /// After how many the receiver goes.
    let rest: Int?
    /// Nil is without limit.
    let capacity: Int?
  }

  /// Lets a channel live from its first message to its last.
  private func live(_ life: Life, _ dice: inout Dice, _ nap: Nap) throws(PollerError) {
    let (lane, sent) = try run(life, &dice)
    stage.withLock { $0.seen = nil }
    let returned = sent.reduce(0) { $0 + $1.returned }
    while !lane.isAtEnd || !wakers.allSatisfy(\.isSilent) { nap.rest(.milliseconds(1)) }
    stage.withLock { $0.lane = nil }
    if !lane.isLeft, lane.counts != sent.map(\.taken) {
      violation("of \(sent.map(\.taken)) messages came \(lane.counts), and then the end")
    }
    if !lane.isLeft, returned > 0 { violation("\(returned) messages came back from a channel that has a receiver") }
    counts.returned.add(returned)
    // A waiter may be about to let the last go.
    let begin = MonotonicClock.now
    while lane.alive.value != 0, !staff.referee.isOverdue(since: begin, at: MonotonicClock.now) { nap.rest(.milliseconds(1)) }
    if lane.alive.value != 0 { violation("\(lane.alive.value) messages were neither received nor given back nor let go") }
  }

  /// Makes a channel, and sends all of its messages.
  ///
  /// At its return there is no sender any more.
  private func run(_ life: Life, _ dice: inout Dice) throws(PollerError) -> (Lane, [Sent]) {
    let (office, lane) = try open(life)
    stage.withLock { $0.lane = lane }
    stage.notifyAll()
    return (lane, try send(life, through: office, to: lane, &dice))
  }

  /// The channel's two ends, of which the lane alone has the receiver.
  private func open(_ life: Life) throws(PollerError) -> (PostOffice, Lane) {
    let (office, receiver) = try makeOffice(life.capacity)
    return (office, Lane(receiver, senders: life.sizes.count, leavingAfter: life.rest, counts.received))
  }

  private func makeOffice(_ capacity: Int?) throws(PollerError) -> (PostOffice, Receiver<Letter>) {
    guard let poller else {
      if let capacity {
        let (sender, receiver) = try makeChannel(of: Letter.self, capacity: capacity)
        return (PostOffice(bounded: sender), receiver)
      }
      let (sender, receiver) = try makeChannel(of: Letter.self)
      return (PostOffice(unbounded: sender), receiver)
    }
    if let capacity {
      let (sender, receiver) = try poller.registrar.makeChannel(of: Letter.self, capacity: capacity)
      return (PostOffice(bounded: sender), receiver)
    }
    let (sender, receiver) = try poller.registrar.makeChannel(of: Letter.self)
    return (PostOffice(unbounded: sender), receiver)
  }

  /// Has threads send, each its own messages, and waits for their end; returns what became of each one's.
  private func send(
    _ life: Life, through office: PostOffice, to lane: Lane, _ dice: inout Dice
  ) throws(PollerError) -> [Sent] {
    var threads: [SystemThread<Sent, PollerError>] = []
    for (sender, size) in life.sizes.enumerated() {
      let dices = Dice(dice.next())
      let thread = try? SystemThread<Sent, PollerError>(named: "sender") { () throws(PollerError) in
        var dice = dices
        return try self.send(size, as: sender, through: office, to: lane, &dice)
      }
      guard let thread else { throw PollerError(.outOfMemory) }
      threads.append(thread)
      staff.visitors.add()
    }
    var sent: [Sent] = []
    for thread in threads { sent.append(try thread.join()) }
    return sent
  }

  private func send(
    _ count: Int, as sender: Int, through office: PostOffice, to lane: Lane, _ dice: inout Dice
  ) throws(PollerError) -> Sent {
    let nap = try Nap(staff.referee)
    var sent = Sent()
    for number in 0..<count {
      if staff.referee.isOver { break }
      let isBack = office.send(Letter(from: sender, number, lane.alive), &dice)
      if isBack {
        sent.returned += 1
        // Once it came back nobody receives any more: the next ones come back as well.
        if !lane.isLeft || sent.returned > 20 { break }
      } else {
        sent.taken += 1
        if sent.returned > 0 { violation("a message was taken after one had come back") }
      }
      if dice.isOne(in: 256) { nap.rest(dice.duration(upTo: .milliseconds(1))) }
      if !wakers.isEmpty, dice.isOne(in: 64) {
        let waker = dice.pick(wakers)
        waker.rung.add(1, ordering: .acquiringAndReleasing)
        try waker.event.trigger()
        counts.rung.add()
      }
    }
    return sent
  }
}
