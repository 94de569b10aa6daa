/// A wake-up with a name: triggered from any thread, it is told once by its poller, however often it was triggered until then.
///
/// ```swift
/// let reload = try registrar.makeUserEvent()
/// // on any thread:
/// try reload.trigger()
/// // on the thread that waits:
/// if events[index].id == reload.id { readConfiguration() }
/// ```
///
/// It has no descriptor. When it goes, what was not told yet goes with it.
public final class UserEvent: Sendable {
  private let entry: ReadyEntry

  internal init(_ entry: ReadyEntry) {
    self.entry = entry
  }

  deinit {
    entry.clearReady()
  }

  /// What its event carries.
  public var id: Event.ID { entry.id }

  /// Makes one wait tell it: the current one of some thread, or else the next.
  ///
  /// No system call while no thread sleeps in the poller, or while another wake-up is under way to one that does; else one
  /// write. Nothing is allocated in the steady state.
  ///
  /// Throws ``PollerError/Code/closed``, also once poller and registrars are gone, and ``PollerError/Code/forked``.
  public func trigger() throws(PollerError) {
    try entry.trigger()
  }
}
