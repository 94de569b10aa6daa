/// A wake-up with a name: any thread may trigger it, and its poller reports it once, however often it was triggered.
///
/// ```swift
/// let reload = try registrar.makeUserEvent()
/// // on any thread:
/// try reload.trigger()
/// // on the thread that waits:
/// if events[index].id == reload.id { readConfiguration() }
/// ```
///
/// It has no descriptor. Destroying it drops a trigger that was not yet reported.
public final class UserEvent: Sendable {
  private let entry: ReadyEntry

  internal init(_ entry: ReadyEntry) {
    self.entry = entry
  }

  deinit {
    entry.clearReady()
  }

  /// The id that its event carries.
  public var id: Event.ID { entry.id }

  /// Makes one wait report the event: a current one, or else the next.
  ///
  /// One write if a thread sleeps in the poller and no other wake-up is under way, otherwise no system call. Nothing is
  /// allocated in the steady state.
  ///
  /// Throws ``PollerError/Code/closed``, also after the poller and its registrars are destroyed, and
  /// ``PollerError/Code/forked``.
  public func trigger() throws(PollerError) {
    try entry.trigger()
  }
}
