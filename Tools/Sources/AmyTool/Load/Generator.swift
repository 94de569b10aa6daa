internal import Amy
internal import AmySockets
internal import AmyThreads
internal import Histogram
internal import SystemPackage

/// A thread of the generator, with one request in progress on each of its connections.
struct Generator<Stream: EchoStream & ~Copyable, Talk: Exchange & ~Copyable>: ~Copyable {
  typealias Clients = EventTable<Client<Stream, Talk>>

  private let plan: LoadPlan
  private let pattern: Pattern
  private let poller: Poller
  private let board: Board
  private var events = EventBuffer(capacity: 1024)
  private var buffer: [UInt8] = []
  private var thread: ThreadReport
  /// The connections with a request in progress.
  private var busy = 0
  private(set) var load = LoadReport()

  init(_ plan: LoadPlan, _ pattern: Pattern, _ poller: Poller, _ board: Board) {
    self.plan = plan
    self.pattern = pattern
    self.board = board
    self.poller = poller
    thread = board.report
    buffer.reserveCapacity(1 << 16)
  }

  /// Connects, waits for the other threads, sends and checks for the time, and closes.
  mutating func run(_ numbers: StrideTo<Int>, _ stage: Stage) throws(PollerError) {
    var clients = Clients(minimumCapacity: plan.connections / plan.threads + 1)
    let connecting = Result { () throws(PollerError) in try connect(numbers, &clients, stage) }
    // Also after a failure: the others wait here.
    let begin = stage.arrive(isReady: load.connected > 0 && load.environmentFailure == nil)
    try connecting.get()
    if let begin { try exchange(&clients, from: begin, stage) }
    thread.closed += clients.count
    board.post(thread)
  }

  /// Waits for events until a monotonic time, at most a tenth of a second, to see a request to stop.
  private mutating func wait(until limit: UInt64) throws(PollerError) {
    let now = MonotonicClock.now
    let rest = min(limit > now ? limit - now : 0, 100_000_000)
    try poller.wait(into: &events, timeout: .nanoseconds(Int64(rest)))
    thread.waits += 1
    thread.events += events.count
  }

  /// Closes a failed connection.
  private mutating func drop(_ id: Event.ID, _ clients: inout Clients, _ reason: String) {
    guard let client = clients.removeValue(for: id) else { return }
    load.fail(reason)
    busy -= client.isBusy ? 1 : 0
    thread.closed += 1
    thread.broken += 1
  }

  private mutating func drop(
    _ clients: inout Clients, _ reason: String, where isLate: (borrowing Client<Stream, Talk>) -> Bool
  ) {
    var late: [Event.ID] = []
    clients.forEach { id, client in
      if isLate(client) { late.append(id) }
    }
    for id in late { drop(id, &clients, reason) }
  }
}

// Connecting.

extension Generator where Stream: ~Copyable, Talk: ~Copyable {
  /// Connects, a limited number at a time.
  private mutating func connect(
    _ numbers: StrideTo<Int>, _ clients: inout Clients, _ stage: Stage
  ) throws(PollerError) {
    let most = max(1, LoadPlan.connectsUnderWay / plan.threads)
    let limit = MonotonicClock.now + plan.connectLimit.wholeNanoseconds
    var missing = Array(numbers.reversed())
    while !missing.isEmpty || clients.count > load.connected {
      if MonotonicClock.now >= min(limit, stage.end) || !isHopeful {
        let reason =
          !isHopeful
          ? "not tried after that"
          : stage.end == .max ? "not connected within \(Format.seconds(plan.connectLimit))" : "interrupted while connecting"
        load.fail(reason, count: missing.count)
        return drop(&clients, reason) { !$0.isConnected }
      }
      var isFull = false
      while !isFull, isHopeful, clients.count - load.connected < most, let number = missing.popLast() {
        isFull = !begin(number, &clients)
        if isFull { missing.append(number) }
      }
      if clients.count == load.connected, !isFull { continue }
      try wait(until: isFull ? MonotonicClock.now + 1_000_000 : limit)
      for index in events.indices { settle(events[index], &clients) }
      board.post(thread)
    }
  }

  /// Whether to continue: not without descriptors, nor if the first connect failed.
  private var isHopeful: Bool { load.environmentFailure == nil && load.unreachable == nil }

  /// Begins to connect; false if a Unix listener's full backlog requires a retry.
  private mutating func begin(_ number: Int, _ clients: inout Clients) -> Bool {
    do throws(PollerError) {
      let client = try Client<Stream, Talk>(number, plan, poller.registrar)
      let id = client.id
      clients.insert(client, for: id)
    } catch {
      if error.errno == .wouldBlock { return false }
      note(error)
      load.fail(error.description)
    }
    return true
  }

  private mutating func settle(_ event: Event, _ clients: inout Clients) {
    let id = event.id
    do throws(PollerError) {
      let isConnected = try clients.withValue(for: id) { (client) throws(PollerError) -> Bool in
        let wasConnected = client.isConnected
        try client.settle(event.readiness, pattern, &buffer, &thread)
        return client.isConnected && !wasConnected
      }
      if isConnected == true {
        load.connected += 1
        thread.opened += 1
      }
    } catch {
      if clients.withValue(for: id, { $0.isConnected }) == true { load.connected -= 1 }
      note(error)
      drop(id, &clients, error.description)
    }
  }

  /// Records errors that make it useless to continue.
  private mutating func note(_ error: PollerError) {
    switch error.code {
    case .descriptorLimit, .watchLimit, .outOfMemory: load.environmentFailure = error
    case .addressNotAvailable where error.errno == .addressNotAvailable: load.environmentFailure = error
    default: if load.connected == 0 { load.unreachable = error }
    }
  }
}

// Sending and checking.

extension Generator where Stream: ~Copyable, Talk: ~Copyable {
  /// Keeps a request in progress on each connection for the time, and waits for the last echoes.
  private mutating func exchange(
    _ clients: inout Clients, from begin: UInt64, _ stage: Stage
  ) throws(PollerError) {
    var failed: [(Event.ID, PollerError)] = []
    let first = Deadline(nanoseconds: begin)
    clients.forEach { id, client in
      do throws(PollerError) {
        if let every = plan.every {
          try client.wait(until: first + every * Double(client.number) / Double(plan.connections))
        } else {
          try client.begin(pattern, at: MonotonicClock.now)
          busy += 1
        }
      } catch {
        failed.append((id, error))
      }
    }
    for (id, error) in failed { drop(id, &clients, error.description) }
    while busy > 0 || plan.every != nil && !clients.isEmpty && MonotonicClock.now < stage.end {
      let end = stage.end
      let last = end + LoadPlan.lastEchoLimit.wholeNanoseconds
      let now = MonotonicClock.now
      if now >= last {
        drop(&clients, "no answer within \(Format.seconds(LoadPlan.lastEchoLimit)) of the end") { $0.isBusy }
      } else {
        try wait(until: now < end ? end : last)
        for index in events.indices {
          if case .timer = events[index].kind {
            beat(events[index].id, &clients, end)
          } else {
            handle(events[index], &clients, end)
          }
        }
        board.post(thread)
      }
    }
  }

  /// Begins a connection's next request, if due.
  private mutating func beat(_ id: Event.ID, _ clients: inout Clients, _ end: UInt64) {
    let now = MonotonicClock.now
    guard let every = plan.every, now < end else { return }
    do throws(PollerError) {
      try clients.withValue(for: id) { (client) throws(PollerError) in
        try client.wait(another: every)
        if client.isBusy {
          load.missed += 1
        } else {
          try client.begin(pattern, at: now)
          busy += 1
        }
      }
    } catch {
      drop(id, &clients, error.description)
    }
  }

  private mutating func handle(_ event: Event, _ clients: inout Clients, _ end: UInt64) {
    do throws(PollerError) {
      let failure = try clients.withValue(for: event.id) { (client) throws(PollerError) -> String? in
        var outcome = try client.handle(event.readiness, pattern, &buffer, &thread)
        while true {
          var begins = true
          let now = MonotonicClock.now
          switch outcome {
          case .goesOn: return nil
          case .closed: return "the server closed the connection"
          case .wrong(let how):
            load.wrong += 1
            return "wrong bytes: \(how)"
          case .asked: break
          case .echoed(let begun):
            load.latencies.record(min(now - begun, load.latencies.highestTrackableValue))
            load.finish = now
            thread.requests += 1
            busy -= 1
            begins = now < end && plan.every == nil
          }
          if begins {
            try client.begin(pattern, at: now)
            busy += 1
          }
          outcome = client.progress()
        }
      }
      if case .some(.some(let failure)) = failure { drop(event.id, &clients, failure) }
    } catch {
      drop(event.id, &clients, error.description)
    }
  }
}

extension Duration {
  /// For durations of up to 584 years.
  var wholeNanoseconds: UInt64 { UInt64(clamping: attoseconds / 1_000_000_000) }
}
