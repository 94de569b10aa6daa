/// A timer that was set: cancel or reschedule it with any registrar of its poller.
///
/// 24 bytes. Dropping it leaves the timer as it is; ``TimerRegistration`` owns its timer. It knows its poller, so that no other
/// takes it for its own.
public struct ScheduledTimer: Hashable, Sendable {
  /// The id that its events carry.
  public let id: Event.ID
  package let handle: TimerWheel.Handle
  package let poller: Event.ID

  package init(id: Event.ID, handle: TimerWheel.Handle, poller: Event.ID) {
    self.id = id
    self.handle = handle
    self.poller = poller
  }
}
