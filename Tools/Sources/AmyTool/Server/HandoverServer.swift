internal import Amy
internal import AmySockets

/// Model `handover`, the canonical design of amy: one thread polls, and hands events to workers, who own the sockets.
///
/// A worker shares its connections with nobody: its table needs no lock. It registers and reregisters them by itself, while
/// the poller's thread waits, and does not wake it: the kernel is the channel in that direction. In the other direction
/// events go through a channel, a message for each worker and wait.
struct HandoverServer<Stream: EchoStream & ~Copyable, Answer: Service & ~Copyable>: Sendable {
  let poller: Poller
  let acceptor: Acceptor<Stream>
  private let idle: Duration
  private let inboxes: [Sender<Work<Stream>>]
  private let outboxes: [Receiver<Work<Stream>>]

  /// A client, and how far the worker is with it.
  private struct Connection: ~Copyable {
    let registration: Registration<Stream>
    var idleTimeout: IdleTimeout
    var answer = Answer()
  }

  init(_ listener: consuming ListeningSocket<Stream>, workers: Int, idle: Duration) throws(PollerError) {
    self.idle = idle
    poller = try Poller()
    acceptor = try Acceptor(listener, poller.registrar)
    var inboxes: [Sender<Work<Stream>>] = []
    var outboxes: [Receiver<Work<Stream>>] = []
    for _ in 0..<workers {
      let channel = try makeChannel(of: Work<Stream>.self)
      inboxes.append(channel.sender)
      outboxes.append(channel.receiver)
    }
    self.inboxes = inboxes
    self.outboxes = outboxes
  }

  /// The poller's thread: waits, and sorts what it gets by the worker that it is for.
  func poll(_ board: Board) throws(PollerError) {
    var report = board.report
    var events = EventBuffer(capacity: 1024)
    var batches = inboxes.map { _ in [Event]() }
    var dealt: UInt64 = 0
    defer { for inbox in inboxes { _ = inbox.send(.serve([])) } }
    while true {
      try poller.wait(into: &events)
      report.waits += 1
      report.events += events.count
      for index in events.indices {
        let event = events[index]
        if event.id == acceptor.id {
          acceptor.open(&report, board) { stream in
            dealt += 1
            return welcome(stream, dealt)
          }
        } else if let number = event.id.customNumber {
          batches[worker(for: number)].append(event)
        }
      }
      for worker in inboxes.indices where !batches[worker].isEmpty {
        _ = inboxes[worker].send(.serve(batches[worker]))
        batches[worker] = []
        report.handedOver += 1
      }
      board.post(report)
    }
  }

  /// Connections are dealt to the workers in turn.
  ///
  /// Their ids are the program's own, and have the number by which it counts them: so no table is needed. Amy's ids say nothing
  /// that could be counted on.
  private func worker(for number: UInt64) -> Int {
    Int(number % UInt64(inboxes.count))
  }

  /// Gives a new connection to its worker, who has it before there can be an event for it.
  private func welcome(_ stream: consuming Stream, _ number: UInt64) -> Bool {
    guard let id = Event.ID(customNumber: number) else { return false }
    // There is always a receiver.
    return inboxes[worker(for: number)].send(.adopt(Newcomer(id: id, stream: stream))) == nil
  }

  /// A worker's thread: takes what it is handed, and serves it; an empty batch is the last.
  func work(_ worker: Int, _ board: Board) {
    var report = board.report
    var connections = EventTable<Connection>()
    var buffer = Echo.buffer()
    while case .message(let work) = outboxes[worker].receive() {
      report.waits += 1
      switch consume work {
      case .adopt(let newcomer):
        adopt(newcomer, &connections, &report)
      case .serve(let events):
        if events.isEmpty { return }
        report.events += events.count
        for event in events { serve(event, &connections, &buffer, &report) }
      }
      board.post(report)
    }
  }

  /// Registers what has been handed over: from now on there are events for it.
  private func adopt(
    _ newcomer: consuming Newcomer<Stream>, _ connections: inout EventTable<Connection>, _ report: inout ThreadReport
  ) {
    let id = newcomer.id
    guard let registration = try? Registration(newcomer.stream, as: id, with: poller.registrar, for: .readable) else {
      report.closed += 1
      return
    }
    let idleTimeout = IdleTimeout(idle, as: id, with: poller.registrar)
    connections.insert(Connection(registration: registration, idleTimeout: idleTimeout), for: id)
  }

  private func serve(
    _ event: Event, _ connections: inout EventTable<Connection>, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) {
    let isOpen = connections.withValue(for: event.id) { connection in
      if let stays = connection.idleTimeout.judge(event, &report) { return stays }
      guard let wish = connection.answer.serve(connection.registration.source, &buffer, &report) else { return false }
      report.reregistrations += 1
      return (try? connection.registration.arm(for: wish)) != nil
    }
    if isOpen == false {
      connections.removeValue(for: event.id)
      report.closed += 1
      acceptor.unstick()
    }
  }
}

/// What a worker is handed.
///
/// Outside of the server, since Swift 6.3.1 crashes where it optimizes an enum of a noncopyable value and an id that depends on
/// the server's second parameter.
enum Work<Stream: EchoStream & ~Copyable>: ~Copyable, Sendable {
  /// A new connection, to be registered under its id.
  case adopt(Newcomer<Stream>)
  /// What a wait brought for this worker.
  case serve([Event])
}

/// A connection that no worker has yet.
struct Newcomer<Stream: EchoStream & ~Copyable>: ~Copyable, Sendable {
  let id: Event.ID
  let stream: Stream
}
