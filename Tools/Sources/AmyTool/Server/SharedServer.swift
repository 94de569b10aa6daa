internal import Amy
internal import AmySockets
internal import AmyThreads

/// Model `shared`: all threads wait on one poller, and each serves the events of its own waits.
///
/// Trigger once makes this correct: between an event and the reregistration no other thread gets an event for that connection,
/// so the thread that got the event owns it. The simplest of the models. No thread idles while another is overloaded, but
/// connections move from core to core.
struct SharedServer<Stream: EchoStream & ~Copyable, Answer: Service & ~Copyable>: Sendable {
  let poller: Poller
  let acceptor: Acceptor<Stream>
  private let idle: Duration
  /// All connections, by id: locked once for all events of a wait, but not while any of them is served.
  private let sessions = Monitor(EventTable<Session>())

  /// A connection, which any thread may find.
  private final class Session: Sendable {
    let registration: Registration<Stream>
    /// The state of the client.
    ///
    /// Its lock is almost never contended.
    ///
    /// The trigger gives the session to one thread at a time; the lock is how the compiler knows that. But the timer's event
    /// may go to another thread, so the lock is one that ThreadSanitizer understands.
    let client: Monitor<Client>

    init(_ registration: consuming Registration<Stream>, _ idleTimeout: consuming IdleTimeout) {
      self.registration = registration
      client = Monitor(Client(idleTimeout: idleTimeout))
    }
  }

  private struct Client: ~Copyable {
    var idleTimeout: IdleTimeout
    var answer = Answer()
  }

  init(_ listener: consuming ListeningSocket<Stream>, idle: Duration) throws(PollerError) {
    self.idle = idle
    poller = try Poller()
    acceptor = try Acceptor(listener, poller.registrar)
  }

  /// Runs a thread.
  func work(_ board: Board) throws(PollerError) {
    var report = board.report
    var events = EventBuffer(capacity: 64)
    var found: [(event: Event, session: Session)] = []
    var buffer = Echo.buffer()
    while true {
      try poller.wait(into: &events)
      report.waits += 1
      report.events += events.count
      sessions.withLock { table in
        for index in events.indices {
          let event = events[index]
          if let session = table[event.id] { found.append((event, session)) }
        }
      }
      let closed = report.closed
      for (event, session) in found where !attend(to: event, session, &buffer, &report) {
        let isFirst = sessions.withLock { $0.removeValue(for: event.id) } != nil
        report.closed += isFirst ? 1 : 0
      }
      // This releases the last references to connections that have ended.
      found.removeAll(keepingCapacity: true)
      if report.closed > closed { acceptor.unstick() }
      for index in events.indices where events[index].id == acceptor.id {
        acceptor.open(&report, board, welcome)
      }
      board.post(report)
    }
  }

  /// Returns whether the session goes on.
  private func attend(
    to event: Event, _ session: Session, _ buffer: inout [UInt8], _ report: inout ThreadReport
  ) -> Bool {
    var stays = false
    let wish: Interest? = session.client.withLock { client in
      guard let verdict = client.idleTimeout.judge(event, &report) else {
        return client.answer.serve(session.registration.source, &buffer, &report)
      }
      stays = verdict
      return nil
    }
    // The lock is released: another thread may get the session as soon as it is armed.
    guard let wish, (try? session.registration.arm(for: wish)) != nil else { return stays }
    report.reregistrations += 1
    return true
  }

  /// Registers a connection without interest, inserts it into the table, and arms it then: otherwise another thread could get
  /// its first event before it can be found.
  private func welcome(_ stream: consuming Stream) -> Bool {
    guard let registration = try? Registration(stream, with: poller.registrar, for: .none) else { return false }
    let id = registration.id
    let session = Session(registration, IdleTimeout(idle, as: id, with: poller.registrar))
    sessions.withLock { _ = $0.insert(session, for: id) }
    // If this fails, the poller is closed, and the table will be destroyed soon.
    try? session.registration.arm(for: .readable)
    return true
  }
}
