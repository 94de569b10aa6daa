internal import Amy
internal import AmySockets
internal import AmyThreads

/// Model `shared`: all threads wait on one poller, and serve the events of their own waits.
///
/// Trigger once makes this correct: between an event and the reregistration no other thread gets one for that connection, so it
/// belongs to the thread with the event. The simplest model: no thread idles while another is overloaded, but connections move
/// between cores.
struct SharedServer<Stream: EchoStream & ~Copyable, Answer: Service & ~Copyable>: Sendable {
  let poller: Poller
  let acceptor: Acceptor<Stream>
  private let idle: Duration
  /// By id: locked once for a wait's events, and not while one is served.
  private let sessions = Monitor(EventTable<Session>())

  /// A connection for any thread to find.
  private final class Session: Sendable {
    let registration: Registration<Stream>
    /// The client's state.
    ///
    /// The trigger gives the session to one thread at a time; the lock, hardly ever contended, tells the compiler. The timer's
    /// event may go to another thread: the lock is one that ThreadSanitizer understands.
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
      // Releases the last references to ended connections.
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
    // Unlocked: another thread may get the session as soon as it is armed.
    guard let wish, (try? session.registration.arm(for: wish)) != nil else { return stays }
    report.reregistrations += 1
    return true
  }

  /// Registers a connection without interest, inserts it, and arms it: otherwise another thread could get its first event
  /// before it can be found.
  private func welcome(_ stream: consuming Stream) -> Bool {
    guard let registration = try? Registration(stream, with: poller.registrar, for: .none) else { return false }
    let id = registration.id
    let session = Session(registration, IdleTimeout(idle, as: id, with: poller.registrar))
    sessions.withLock { _ = $0.insert(session, for: id) }
    // Fails if the poller is closed: the table will be destroyed soon.
    try? session.registration.arm(for: .readable)
    return true
  }
}
