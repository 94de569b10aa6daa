internal import Amy
internal import AmySockets
internal import AmyThreads
internal import Synchronization

/// Model `shared`: all threads wait on one poller, and each serves what its wait brings.
///
/// Trigger once makes it right: between an event and the reregistration no other thread hears of that connection, so the one
/// that got the event owns it. The simplest of the models, and no thread idles while another has more than it can do; but
/// connections wander from core to core.
struct SharedServer<Stream: EchoStream & ~Copyable, Answer: Service & ~Copyable>: Sendable {
  let poller: Poller
  let door: Door<Stream>
  /// All connections, by id: locked once for all events of a wait, and not while any of them is served.
  private let sessions = Monitor(EventTable<Session>())

  /// A connection, which any thread may find.
  private final class Session: Sendable {
    let registration: Registration<Stream>
    /// Nobody ever waits for this lock, since the trigger gives the session to one thread at a time: it is how the compiler
    /// knows.
    let answer = Mutex(Answer())

    init(_ registration: consuming Registration<Stream>) {
      self.registration = registration
    }
  }

  init(_ listener: consuming ListeningSocket<Stream>) throws(PollerError) {
    poller = try Poller()
    door = try Door(listener, poller.registrar)
  }

  /// Each thread runs this.
  func work(_ board: Board) throws(PollerError) {
    var report = board.report
    var events = EventBuffer(capacity: 64)
    var found: [(id: Event.ID, session: Session)] = []
    var buffer = Echo.buffer()
    while true {
      try poller.wait(into: &events)
      report.waits += 1
      report.events += events.count
      sessions.withLock { table in
        for index in events.indices {
          let id = events[index].id
          if let session = table[id] { found.append((id, session)) }
        }
      }
      let closed = report.closed
      for (id, session) in found {
        let wish = session.answer.withLock { $0.serve(session.registration.source, &buffer, &report) }
        // The lock is free again: another thread may have the session as soon as it is armed.
        if let wish, (try? session.registration.arm(for: wish)) != nil {
          report.reregistrations += 1
        } else {
          sessions.withLock { _ = $0.removeValue(for: id) }
          report.closed += 1
        }
      }
      // With the last references go the connections that have ended.
      found.removeAll(keepingCapacity: true)
      if report.closed > closed { door.unstick() }
      for index in events.indices where events[index].id == door.id {
        door.open(&report, welcome)
      }
      board.post(report)
    }
  }

  /// Registers a connection silently, puts it into the table, and arms it then: else another thread could get its first event
  /// before it can be found.
  private func welcome(_ stream: consuming Stream) -> Bool {
    guard let registration = try? Registration(stream, with: poller.registrar, for: .none) else { return false }
    let id = registration.id
    let session = Session(registration)
    sessions.withLock { _ = $0.insert(session, for: id) }
    // If it fails, the poller is closed, and the table goes soon.
    try? session.registration.arm(for: .readable)
    return true
  }
}
