internal import Amy
internal import AmySockets
internal import AmyThreads

/// Model `handover`, the canonical design of amy: one thread polls, and hands events to workers, who own the sockets.
///
/// A worker shares its connections with nobody: its table needs no lock. It registers and reregisters them by itself, while
/// the poller's thread waits, and does not wake it: the kernel is the channel in that direction. In the other direction
/// events go in batches, one for each worker and wait, through a mutex and a condition.
struct HandoverServer<Stream: EchoStream & ~Copyable>: Sendable {
  let poller: Poller
  let door: Door<Stream>
  let inboxes: [Monitor<Inbox>]

  /// A client, and how far the worker is with it.
  private struct Connection: ~Copyable {
    let registration: Registration<Stream>
    var echo = Echo()
  }

  /// What a worker is handed: it takes all of it at a time.
  struct Inbox: ~Copyable {
    /// New connections, by the ids that they are to be registered under.
    var arrivals = EventTable<Stream>()
    var events: [Event] = []
    /// The poller is closed: nothing comes any more.
    var isClosed = false
  }

  init(_ listener: consuming ListeningSocket<Stream>, workers: Int) throws(PollerError) {
    poller = try Poller()
    door = try Door(listener, poller.registrar)
    inboxes = (0..<workers).map { _ in Monitor(Inbox()) }
  }

  /// The poller's thread: waits, and sorts what it gets by the worker that it is for.
  func poll(_ board: Board) throws(PollerError) {
    var report = board.report
    var events = EventBuffer(capacity: 1024)
    var batches = inboxes.map { _ in [Event]() }
    defer { inboxes.forEach(close) }
    while true {
      try poller.wait(into: &events)
      report.waits += 1
      report.events += events.count
      for index in events.indices {
        let event = events[index]
        if event.id == door.id {
          door.open(&report, welcome)
        } else {
          batches[worker(for: event.id)].append(event)
        }
      }
      for worker in inboxes.indices where !batches[worker].isEmpty {
        inboxes[worker].withLock { $0.events.append(contentsOf: batches[worker]) }
        inboxes[worker].notifyOne()
        batches[worker].removeAll(keepingCapacity: true)
        report.handedOver += 1
      }
      board.post(report)
    }
  }

  /// Ids count up, so their remainders spread the connections evenly, and no table is needed.
  private func worker(for id: Event.ID) -> Int {
    Int(id.rawValue % UInt64(inboxes.count))
  }

  /// Gives a new connection to its worker, who has it before there can be an event for it.
  private func welcome(_ stream: consuming Stream) -> Bool {
    let id = poller.registrar.reserveID()
    let inbox = inboxes[worker(for: id)]
    var arrival = Optional(stream)
    inbox.withLock { inbox in
      if let stream = arrival.take() { inbox.arrivals.insert(stream, for: id) }
    }
    inbox.notifyOne()
    return true
  }

  private func close(_ inbox: Monitor<Inbox>) {
    inbox.withLock { $0.isClosed = true }
    inbox.notifyAll()
  }

  /// A worker's thread: takes what is in its inbox, and serves it.
  func work(_ worker: Int, _ board: Board) {
    var report = board.report
    var connections = EventTable<Connection>()
    var buffer: [UInt8] = []
    buffer.reserveCapacity(Echo.readSize)
    var work = Inbox()
    while !work.isClosed {
      take(from: inboxes[worker], into: &work)
      report.waits += 1
      report.events += work.events.count
      if !work.arrivals.isEmpty { adopt(&work.arrivals, &connections, &report) }
      for event in work.events {
        let isOpen = connections.withValue(for: event.id) { connection in
          guard let wish = connection.echo.serve(connection.registration.source, &buffer, &report) else { return false }
          report.reregistrations += 1
          return (try? connection.registration.arm(for: wish)) != nil
        }
        if isOpen == false {
          connections.removeValue(for: event.id)
          report.closed += 1
          door.unstick()
        }
      }
      work.events.removeAll(keepingCapacity: true)
      board.post(report)
    }
  }

  /// Registers what has been handed over: from now on there are events for it.
  private func adopt(
    _ arrivals: inout EventTable<Stream>, _ connections: inout EventTable<Connection>, _ report: inout ThreadReport
  ) {
    arrivals.removeAll { id, stream in
      guard let registration = try? Registration(stream, as: id, with: poller.registrar, for: .readable) else {
        report.closed += 1
        return
      }
      connections.insert(Connection(registration: registration), for: id)
    }
  }

  /// Waits until something is there, and swaps it for what is empty: nothing is copied or allocated under the lock.
  private func take(from inbox: Monitor<Inbox>, into work: inout Inbox) {
    inbox.wait { inbox -> Void? in
      if inbox.events.isEmpty, inbox.arrivals.isEmpty, !inbox.isClosed { return nil }
      swap(&inbox.events, &work.events)
      swap(&inbox.arrivals, &work.arrivals)
      work.isClosed = inbox.isClosed
      return ()
    }
  }
}

extension HandoverServer.Inbox: Sendable where Stream: ~Copyable {}
