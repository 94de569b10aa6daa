internal import Amy
internal import AmySockets
internal import AmyThreads
internal import Synchronization

/// The server's listener: it accepts connections, and does not spin when no descriptor is left for one.
///
/// In that case accepting fails, but the listener stays ready: a thread that keeps waiting for it loops. So the acceptor stays
/// unarmed until a connection has been closed, or until the overseer of the server retries. Clients wait in the backlog
/// meanwhile and are not lost.
final class Acceptor<Stream: EchoStream & ~Copyable>: Sendable {
  /// The id of the listener's events.
  let id: Event.ID
  private let listener: Monitor<Listener?>
  private let isStuck = Atomic(false)

  /// A reference, since Swift 6.3.1 crashes where a generic noncopyable value is set to nil in a mutex.
  private final class Listener: Sendable {
    let registration: Registration<ListeningSocket<Stream>>

    init(_ registration: consuming Registration<ListeningSocket<Stream>>) {
      self.registration = registration
    }
  }

  /// The maximum number of connections to accept before other events have their turn.
  private static var batch: Int { 64 }

  init(_ listener: consuming ListeningSocket<Stream>, _ registrar: Registrar) throws(PollerError) {
    let registration = try Registration(listener, with: registrar, for: .readable)
    id = registration.id
    self.listener = Monitor(Listener(registration))
  }

  /// The address of the listener.
  var localEndpoint: Endpoint {
    get throws(PollerError) {
      try listener.withLock { (listener) throws(PollerError) in
        guard let listener else { throw PollerError(.closed) }
        return try listener.registration.source.localEndpoint
      }
    }
  }

  /// Accepts waiting connections, passes each to `welcome`, and rearms.
  ///
  /// `welcome` returns false if the kernel takes no more registrations: then the connection is closed. Each connection is on
  /// the board before it is welcomed, since a server that ends continues while there are connections.
  ///
  /// The lock only protects against closing: with trigger once, one thread at a time has the event.
  func open(_ report: inout ThreadReport, _ board: Board, _ welcome: (consuming Stream) -> Bool) {
    listener.withLock { listener in
      do throws(PollerError) {
        _ = try listener?.registration.source.acceptAll(atMost: Self.batch) { (stream, _) throws(PollerError) in
          stream.sendPromptly()
          report.opened += 1
          board.post(report)
          if !welcome(stream) { report.opened -= 1 }
        }
        report.reregistrations += 1
        try listener?.registration.arm(for: .readable)
      } catch {
        // Usually no descriptor or no memory is left, or the poller was closed.
        isStuck.store(true, ordering: .relaxed)
      }
    }
  }

  /// Retries, if the acceptor is stuck.
  ///
  /// Call this when a connection has been closed, and in any case periodically.
  func unstick() {
    guard isStuck.load(ordering: .relaxed) else { return }
    isStuck.store(false, ordering: .relaxed)
    listener.withLock { try? $0?.registration.arm(for: .readable) }
  }

  /// Stops accepting.
  ///
  /// Connections in the backlog are reset.
  func close() {
    listener.withLock { $0 = nil }
  }
}
