/// A timer that was set: to be cancelled or rescheduled with the registrar that set it.
///
/// 16 bytes. It owns nothing: dropping it leaves the timer as it is. ``TimerRegistration`` is the form that owns.
public struct ScheduledTimer: Hashable, Sendable {
  /// What its events carry.
  public let id: Event.ID
  package let handle: TimerQueue.Handle

  package init(id: Event.ID, handle: TimerQueue.Handle) {
    self.id = id
    self.handle = handle
  }
}
