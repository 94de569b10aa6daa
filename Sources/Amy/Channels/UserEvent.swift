/// A wake-up with a name: any thread may trigger it, and its poller reports it once, however often it was triggered before.
///
/// ```swift
/// let reload = try registrar.makeUserEvent()
/// // on any thread:
/// try reload.trigger()
/// // on the thread that waits:
/// if events[index].id == reload.id { readConfiguration() }
/// ```
///
/// It has no descriptor. A trigger that was not reported before the user event is destroyed is dropped.
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

  /// Makes one wait report the event: the current wait of some thread, or else the next wait.
  ///
  /// No system call while no thread sleeps in the poller, or while another wake-up of a sleeping thread is under way; otherwise
  /// one write. Nothing is allocated in the steady state.
  ///
  /// Throws ``PollerError/Code/closed``, also after the poller and its registrars are destroyed, and
  /// ``PollerError/Code/forked``.
  public func trigger() throws(PollerError) {
    try entry.trigger()
  }
}
