internal import CAmy

/// Signals as a source: each that comes makes an event with its number.
///
/// ```swift
/// let signals: Signals = [.interrupt, .terminate]
/// signals.block()  // before any other thread is started
/// let ending = try SignalRegistration(signals, with: poller.registrar)
/// // on the thread that waits:
/// if case .signal(let number) = events[index].kind { end(because: number) }
/// ```
///
/// Signals are taken in a wait, and not in a handler, so the code that answers them may do what it likes. What the kernel
/// merges, a signal that comes again before it was taken, is one event. One descriptor: signalfd(2), or a kqueue of its own
/// with `EVFILT_SIGNAL`.
///
/// **They must be blocked in every thread**, or they do to the process what they always do: call ``Signals/block()`` on the
/// first thread before it starts another one. The threads of Dispatch and of Swift's concurrency are among those.
public struct SignalRegistration: ~Copyable, Sendable {
  private let source: OwnedSource

  /// Begins to take signals.
  ///
  /// - Parameters:
  ///   - signals: Blocked in this thread, and in every other.
  ///   - id: What their events are to carry: from ``Registrar/reserveID()``, or a fresh one.
  ///   - registrar: Of the poller that is to tell them.
  /// - Throws: ``PollerError/Code/signalsNotBlocked`` if they are not blocked in this thread,
  ///   ``PollerError/Code/descriptorLimit``, and whatever registering throws.
  public init(_ signals: Signals, as id: Event.ID? = nil, with registrar: Registrar) throws(PollerError) {
    guard signals.areBlocked else { throw PollerError(.signalsNotBlocked) }
    let descriptor = try check(amy_signals_open(signals.rawValue), of: .signals)
    source = try OwnedSource(descriptor, .signals, as: id ?? registrar.reserveID(), with: registrar)
  }

  /// What its events carry.
  public var id: Event.ID { source.id }
}
