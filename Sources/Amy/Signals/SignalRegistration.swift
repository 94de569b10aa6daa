/// Signals as a source: each signal that arrives makes an event with its number.
///
/// ```swift
/// let signals: Signals = [.interrupt, .terminate]
/// signals.block()  // before any other thread is started
/// let ending = try SignalRegistration(signals, with: poller.registrar)
/// // on the thread that waits:
/// if case .signal(let number) = events[index].kind, events[index].id == ending.id { end(because: number) }
/// ```
///
/// A wait takes the signals, not a handler: the code that responds may do anything. The kernel merges a signal that arrives
/// again before it was taken into one event.
///
/// **It lives as long as this value.** Dropping it ends the registration, and the signals stay blocked: then a `SIGTERM` does
/// nothing at all. `_ = try SignalRegistration(...)`, which the compiler suggests for an unused constant, drops it at once:
/// keep it in a property, or use its ``id``.
///
/// **A signal has one owner in the process.** Every poller refuses another registration of it, except one with the same id and
/// poller, which replaces the first. Dropping the registration, or closing its poller, gives the signals up.
///
/// **Block them in every thread**: call ``Signals/block()`` on the first thread before it starts another. That misses threads
/// that a library has started before, and the main thread below an `async` main, which Dispatch lets sleep with nothing blocked
/// (Linux). So the first registration installs a handler for each signal that has none (sigaction(2)), and signals delivered to
/// such threads are reported as well. The handler stays after the registration ends. A signal that it catches then, or in a
/// forked child, gets the system's handler back and takes its default action. A handler of yours stays, and gets the signals
/// delivered to a thread that does not block them. An ignored signal stays ignored, such as `SIGHUP` below nohup(1). Signals
/// that faults raise, such as `SIGSEGV`, are never caught.
///
/// **Never reported**: a signal directed at a thread that blocks it, by raise(3) or pthread_kill(3), unless that thread waits
/// in this poller. Use kill(2).
///
/// Descriptors on Linux: a signalfd(2) and a duplicate of the process's one eventfd(2), which stays open. Elsewhere a kqueue
/// with `EVFILT_SIGNAL`.
public struct SignalRegistration: ~Copyable, Sendable {
  private let link: InternalDescriptorLink

  /// Starts to take signals.
  ///
  /// After an error nothing is left, and a registration with the same id continues.
  ///
  /// - Parameters:
  ///   - signals: Must be blocked in every thread.
  ///   - id: From ``Registrar/reserveID()``, or nil for a fresh one.
  ///   - registrar: Of the poller that reports the events.
  /// - Throws: ``PollerError/Code/invalidArgument`` for the empty set, and for signals that cannot be blocked, see
  ///   ``Signals/block()``; ``PollerError/Code/signalsNotBlocked`` if they are not blocked in this thread;
  ///   ``PollerError/Code/alreadyRegistered`` if one is a source already; ``PollerError/Code/descriptorLimit``;
  ///   ``PollerError/Code/unsupported`` where a container's filter refuses signalfd(2) (`EPERM`, `EACCES`, `ENOSYS`); and the
  ///   errors of registering.
  public init(_ signals: Signals, as id: Event.ID? = nil, with registrar: Registrar) throws(PollerError) {
    let core = registrar.core
    if let refusal = core.refusal { throw refusal }
    guard signals.arePossible else { throw PollerError(.invalidArgument) }
    guard signals.areBlocked else { throw PollerError(.signalsNotBlocked) }
    link = try InternalDescriptorLink(
      InternalDescriptor(signals, as: id ?? registrar.reserveID(), core.liveness.forkDetector), core)
  }

  /// The id that its events carry.
  public var id: Event.ID { link.source.id }
}
