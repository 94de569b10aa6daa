/// Signals as a source: each that comes makes an event with its number.
///
/// ```swift
/// let signals: Signals = [.interrupt, .terminate]
/// signals.block()  // before any other thread is started
/// let ending = try SignalRegistration(signals, with: poller.registrar)
/// // on the thread that waits:
/// if case .signal(let number) = events[index].kind, events[index].id == ending.id { end(because: number) }
/// ```
///
/// Signals are taken in a wait, and not in a handler, so the code that answers them may do what it likes. What the kernel
/// merges, a signal that comes again before it was taken, is one event.
///
/// **It lives as long as this value.** Dropping it ends it, and the signals stay blocked: then a `SIGTERM` does nothing at all.
/// `_ = try SignalRegistration(...)`, which the compiler advises for a constant that nobody uses, drops it at once: keep it in
/// a property, or use its ``id``.
///
/// **A signal has one owner in the process.** Another registration of it is refused, on every poller, but for one with the same
/// id and poller, which takes the place of the first. Dropping it, or closing its poller, gives the signals up.
///
/// **Block them in every thread**: call ``Signals/block()`` on the first thread before it starts another one. Some threads
/// cannot be reached: those that a library has started before, and the main thread below an `async` main, which Dispatch lets
/// sleep with nothing blocked (Linux). So a handler is installed for each of the signals that has none (sigaction(2)): what is
/// delivered to such a thread is told as well. It is installed by the first registration and stays when that goes; a signal
/// that it then catches, and in a forked child, gets the system's handler back and does what it does by default. A handler of
/// yours is left as it is, and gets what is delivered to a thread that does not block it; so is a signal that is ignored, as
/// `SIGHUP` below nohup(1). Signals that faults raise, as `SIGSEGV`, are never caught.
///
/// **Never told**: what is directed at a thread that blocks it, as raise(3) and pthread_kill(3) do, unless that thread waits in
/// this poller. Use kill(2).
///
/// Descriptors on Linux: a signalfd(2) and a duplicate of the process's one eventfd(2), which stays open. Else a kqueue of its
/// own with `EVFILT_SIGNAL`.
public struct SignalRegistration: ~Copyable, Sendable {
  private let link: InternalDescriptorLink

  /// Begins to take signals.
  ///
  /// After an error nothing is left, and a registration with the same id goes on.
  ///
  /// - Parameters:
  ///   - signals: Blocked in this thread, and in every other.
  ///   - id: What their events are to carry: from ``Registrar/reserveID()``, or a fresh one.
  ///   - registrar: Of the poller that is to tell them.
  /// - Throws: ``PollerError/Code/invalidArgument`` for no signal, and for those that nothing blocks, see ``Signals/block()``;
  ///   ``PollerError/Code/signalsNotBlocked`` if they are not blocked in this thread;
  ///   ``PollerError/Code/alreadyRegistered`` if one of them is a source already;
  ///   ``PollerError/Code/descriptorLimit``; ``PollerError/Code/unsupported`` where a container's filter refuses signalfd(2)
  ///   (`EPERM`, `EACCES`, `ENOSYS`); and whatever registering throws.
  public init(_ signals: Signals, as id: Event.ID? = nil, with registrar: Registrar) throws(PollerError) {
    let core = registrar.core
    if let refusal = core.refusal { throw refusal }
    guard signals.arePossible else { throw PollerError(.invalidArgument) }
    guard signals.areBlocked else { throw PollerError(.signalsNotBlocked) }
    link = try InternalDescriptorLink(
      InternalDescriptor(signals, as: id ?? registrar.reserveID(), core.liveness.forkDetector), core)
  }

  /// What its events carry.
  public var id: Event.ID { link.source.id }
}
