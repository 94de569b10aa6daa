internal import Amy
internal import AmySockets
internal import AmyThreads
internal import Synchronization

/// The server's listener, which does not spin without a descriptor for a connection.
///
/// Then accepting fails, but the listener stays ready: a thread that waits for it would loop. So the acceptor stays unarmed
/// until a connection closes or the overseer retries; clients wait in the backlog.
final class Acceptor<Stream: EchoStream & ~Copyable>: Sendable {
  let id: Event.ID
  private let listener: Monitor<Listener?>
  private let isStuck = Atomic(false)

  /// A reference: Swift 6.3.1 crashes where a generic noncopyable value is set to nil in a mutex.
  private final class Listener: Sendable {
    let registration: Registration<ListeningSocket<Stream>>

    init(_ registration: consuming Registration<ListeningSocket<Stream>>) {
      self.registration = registration
    }
  }

  /// The connections accepted before other events' turn.
  private static var batch: Int { 64 }

  init(_ listener: consuming ListeningSocket<Stream>, _ registrar: Registrar) throws(PollerError) {
    let registration = try Registration(listener, with: registrar, for: .readable)
    id = registration.id
    self.listener = Monitor(Listener(registration))
  }

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
  /// If the kernel takes no more registrations, `welcome` returns false, and the connection is closed. It is on the board
  /// before, since an ending server goes on while there are connections.
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
        // Usually no descriptor or memory is left, or the poller was closed.
        isStuck.store(true, ordering: .relaxed)
      }
    }
  }

  /// Retries, if the acceptor is stuck: call it when a connection closed, and periodically.
  func unstick() {
    guard isStuck.load(ordering: .relaxed) else { return }
    isStuck.store(false, ordering: .relaxed)
    listener.withLock { try? $0?.registration.arm(for: .readable) }
  }

  /// Stops accepting; connections in the backlog are reset.
  func close() {
    listener.withLock { $0 = nil }
  }
}
