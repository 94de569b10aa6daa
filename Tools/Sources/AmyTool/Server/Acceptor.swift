internal import Amy
internal import AmySockets
internal import AmyThreads
internal import Synchronization

/// The server's listener: lets connections in, and keeps calm when there is no descriptor left for one.
///
/// Accepting then fails, and yet the listener stays ready: who goes on waiting for it turns in circles. So the acceptor stays
/// unarmed until a connection was closed, or the one who oversees the server tries again. Clients stand in the backlog
/// meanwhile and are not lost.
final class Acceptor<Stream: EchoStream & ~Copyable>: Sendable {
  /// What the listener's events are called.
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

  /// The most connections to let in before other events have their turn.
  private static var batch: Int { 64 }

  init(_ listener: consuming ListeningSocket<Stream>, _ registrar: Registrar) throws(PollerError) {
    let registration = try Registration(listener, with: registrar, for: .readable)
    id = registration.id
    self.listener = Monitor(Listener(registration))
  }

  /// Where it listens.
  var localEndpoint: Endpoint {
    get throws(PollerError) {
      try listener.withLock { (listener) throws(PollerError) in
        guard let listener else { throw PollerError(.closed) }
        return try listener.registration.source.localEndpoint
      }
    }
  }

  /// Lets in who waits, each of whom is to be welcomed, and waits for more.
  ///
  /// A welcome is false where the kernel takes no more registrations: then the connection is closed. Each is on the board
  /// before it is welcomed, since a server that ends goes on while there are connections.
  ///
  /// The lock is for closing alone: by trigger once, one thread at a time has the event.
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
        // No descriptor or no memory is left, mostly; or the poller was closed.
        isStuck.store(true, ordering: .relaxed)
      }
    }
  }

  /// Tries again, if the acceptor is stuck: call it when a connection was closed, and in any case once in a while.
  func unstick() {
    guard isStuck.load(ordering: .relaxed) else { return }
    isStuck.store(false, ordering: .relaxed)
    listener.withLock { try? $0?.registration.arm(for: .readable) }
  }

  /// Lets nobody in any more.
  ///
  /// Who waits in the backlog is reset.
  func close() {
    listener.withLock { $0 = nil }
  }
}
