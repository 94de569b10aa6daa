internal import Amy
internal import AmySockets

/// A thread of model `sharded`, with its own poller, listener and connections.
///
/// The threads share only the port, on which the kernel spreads connections (`SO_REUSEPORT`). No other thread waits on the
/// poller: trigger level suffices, without reregistering: two system calls per request. The fastest model for many connections;
/// of few, chance may give one thread most.
struct Shard<Stream: EchoStream & ~Copyable, Answer: Service & ~Copyable>: Sendable {
  let poller: Poller
  let acceptor: Acceptor<Stream>
  private let idle: Duration

  private struct Connection: ~Copyable {
    let registration: Registration<Stream>
    var idleTimeout: IdleTimeout
    var wish = Interest.readable
    var answer = Answer()
  }

  init(_ listener: consuming ListeningSocket<Stream>, idle: Duration) throws(PollerError) {
    self.idle = idle
    poller = try Poller()
    acceptor = try Acceptor(listener, poller.registrar)
  }

  func work(_ board: Board) throws(PollerError) {
    var report = board.report
    var events = EventBuffer(capacity: 1024)
    var connections = EventTable<Connection>()
    var buffer = Echo.buffer()
    while true {
      try poller.wait(into: &events)
      report.waits += 1
      report.events += events.count
      for index in events.indices {
        let event = events[index]
        if event.id == acceptor.id {
          acceptor.open(&report, board) { stream in welcome(stream, &connections) }
          continue
        }
        let isOpen = connections.withValue(for: event.id) { connection in
          if let stays = connection.idleTimeout.judge(event, &report) { return stays }
          guard let wish = connection.answer.serve(connection.registration.source, &buffer, &report) else { return false }
          if wish == connection.wish { return true }
          connection.wish = wish
          report.reregistrations += 1
          return (try? connection.registration.arm(for: wish)) != nil
        }
        if isOpen == false {
          connections.removeValue(for: event.id)
          report.closed += 1
          acceptor.unstick()
        }
      }
      board.post(report)
    }
  }

  /// Registers a connection, then inserts it: only this thread could get an event in between.
  private func welcome(_ stream: consuming Stream, _ connections: inout EventTable<Connection>) -> Bool {
    guard let registration = try? Registration(stream, with: poller.registrar, for: .readable, trigger: .level) else {
      return false
    }
    let id = registration.id
    let idleTimeout = IdleTimeout(idle, as: id, with: poller.registrar)
    connections.insert(Connection(registration: registration, idleTimeout: idleTimeout), for: id)
    return true
  }
}
