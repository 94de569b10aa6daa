internal import Amy
internal import AmySockets
internal import AmyThreads

/// Sockets with trigger once, which move between threads and pollers: never two owners, and no byte lost.
///
/// An event gives a socket to the thread that took it, which reads or hands it to another, and gives it up by arming it.
final class Handing: SoakPart {
  let name = "handing"
  let workers: Workers
  private let pollers: [Poller]
  private let sockets: [HandedSocket]
  /// By the ids that may have events.
  private let table: Monitor<[Event.ID: HandedSocket]>
  private let jobs: (sender: Sender<HandedSocket?>, receiver: Receiver<HandedSocket?>)
  private let owned = Counter("times owned")
  private let read = Counter("bytes")
  private let moved = Counter("moved to another poller")

  init(_ workers: Workers) throws(PollerError) {
    self.workers = workers
    pollers = [try Poller(), try Poller()]
    var sockets: [HandedSocket] = []
    for number in 0..<16 { sockets.append(try HandedSocket(number)) }
    self.sockets = sockets
    table = Monitor([:])
    jobs = try makeChannel(of: HandedSocket?.self)
  }

  var counters: [Counter] { [owned, read, moved] }

  func start() throws {
    for socket in sockets { try register(socket, with: 0) }
    for (number, poller) in pollers.enumerated() {
      for waiter in 0..<2 {
        try workers.waiters.start("handing \(number + 1).\(waiter + 1)") { (_) throws(PollerError) in
          var rng = SeededRNG(self.workers.seed, "owner", 2 * number + waiter)
          var events = EventBuffer(capacity: 1 + 7 * waiter)
          while true { try self.wait(poller, &events, timeout: nil, &rng) }
        }
      }
      try workers.host(SeededRNG(workers.seed, "owners that visit", number)) { (rng) throws(PollerError) in
        var events = EventBuffer(capacity: 2)
        for _ in 0..<rng.roll(1...30) {
          try self.wait(poller, &events, timeout: rng.duration(upTo: .milliseconds(10)), &rng)
        }
      }
      try workers.active.start("handed \(number + 1)") { (_) throws(PollerError) in
        var rng = SeededRNG(self.workers.seed, "handed", number)
        while case .message(let socket?) = self.jobs.receiver.receive() { try self.serve(socket, &rng) }
      }
    }
    try workers.active.start("writer") { (_) throws(PollerError) in try self.write() }
  }

  func inspect(at now: UInt64) {
    for socket in sockets {
      if let since = socket.waitsSince, workers.violations.isOverdue(since: since, at: now) {
        violation("socket \(socket.number) has bytes to read, but got no event for \(now - since) ns")
      }
    }
  }

  var whereabouts: String { "sockets that have bytes to read get no event" }

  func close() {
    workers.active.join()
    for poller in pollers { poller.close() }
    workers.waiters.join()
  }

  // Taking, handing on, serving, giving up.

  private func wait(
    _ poller: Poller, _ events: inout EventBuffer, timeout: Duration?, _ rng: inout SeededRNG
  ) throws(PollerError) {
    try poller.wait(into: &events, timeout: timeout)
    for index in events.indices {
      let event = events[index]
      guard let socket = table.withLock({ $0[event.id] }) else {
        violation("an event under an id that is not registered, or no longer: \(event)")
        continue
      }
      if let mistake = socket.own(event) { violation("socket \(socket.number) \(mistake)") }
      owned.add()
      if rng.isOne(in: 2) {
        _ = jobs.sender.send(socket)
      } else {
        try serve(socket, &rng)
      }
    }
  }

  private func serve(_ socket: HandedSocket, _ rng: inout SeededRNG) throws(PollerError) {
    let (count, mistake) = try socket.read(atMost: 1 + rng.size(upTo: 5_000))
    read.add(count)
    if let mistake { violation("socket \(socket.number) \(mistake)") }
    guard let (id, place) = socket.place else { return violation("socket \(socket.number) has an event, but no registration") }
    if rng.isOne(in: 16) {
      moved.add()
      try pollers[place].registrar.deregister(socket.near)
      table.withLock { _ = $0.removeValue(forKey: id) }
      try register(socket, with: rng.roll(0...(pollers.count - 1)))
    } else {
      // Sometimes for an interest already met, for an event at once.
      let interest = rng.isOne(in: 8) ? Interest.writable : .readable
      socket.giveUp(for: interest)
      try pollers[place].registrar.reregister(socket.near, as: id, for: interest, trigger: .once)
    }
  }

  private func register(_ socket: HandedSocket, with place: Int) throws(PollerError) {
    let registrar = pollers[place].registrar
    let id = registrar.reserveID()
    table.withLock { $0[id] = socket }
    socket.move(to: id, place)
    socket.giveUp(for: .readable)
    try registrar.register(socket.near, as: id, for: .readable)
  }

  private func write() throws(PollerError) {
    var rng = SeededRNG(workers.seed, "writer")
    let sleep = try CheckedSleep(workers.violations)
    while !workers.violations.isOver {
      for _ in 0..<rng.roll(1...64) { try rng.pick(sockets).write(atMost: 1 + rng.size(upTo: 4_000)) }
      sleep.rest(rng.duration(upTo: .milliseconds(8)))
    }
    while !sockets.allSatisfy({ $0.waitsSince == nil }) { sleep.rest(.milliseconds(2)) }
    // Ends the threads that are handed sockets.
    for _ in pollers { _ = jobs.sender.send(nil) }
  }
}
