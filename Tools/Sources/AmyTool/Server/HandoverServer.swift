internal import Amy
internal import AmySockets

/// Model `handover`, amy's canonical design: one thread polls, and hands events to workers, which own the sockets.
///
/// Workers do not share connections: their tables need no lock. They register and reregister them while the poller's thread
/// waits, without waking it: the kernel is the channel in this direction. Events go the other way through a channel, one
/// message per worker and wait.
struct HandoverServer<Stream: EchoStream & ~Copyable, Answer: Service & ~Copyable>: Sendable {
  let poller: Poller
  let acceptor: Acceptor<Stream>
  private let idle: Duration
  private let inboxes: [Sender<Work<Stream>>]
  private let outboxes: [Receiver<Work<Stream>>]

  /// A client, and its service's state.
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

  /// Waits, and sorts the events by worker.
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

  /// Returns the worker of a connection; workers take turns.
  ///
  /// A custom id contains the connection's number, which saves a table; Amy's own ids carry none to rely on.
  private func worker(for number: UInt64) -> Int {
    Int(number % UInt64(inboxes.count))
  }

  /// Sends a connection to its worker, before there can be an event.
  private func welcome(_ stream: consuming Stream, _ number: UInt64) -> Bool {
    guard let id = Event.ID(customNumber: number) else { return false }
    // The receiver always exists.
    return inboxes[worker(for: number)].send(.adopt(Newcomer(id: id, stream: stream))) == nil
  }

  /// Serves messages; an empty batch is the last.
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

  /// Registers a connection, for events from now on.
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

/// A message to a worker.
///
/// Declared outside the server: Swift 6.3.1 crashes where it optimizes an enum of a noncopyable value and an id that depends on
/// the server's second parameter.
enum Work<Stream: EchoStream & ~Copyable>: ~Copyable, Sendable {
  /// To be registered under its id.
  case adopt(Newcomer<Stream>)
  /// A wait's events for this worker.
  case serve([Event])
}

/// A connection without a worker yet.
struct Newcomer<Stream: EchoStream & ~Copyable>: ~Copyable, Sendable {
  let id: Event.ID
  let stream: Stream
}
