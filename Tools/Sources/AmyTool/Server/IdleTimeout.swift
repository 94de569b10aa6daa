internal import Amy

/// How long a client may say nothing.
///
/// His timer is not moved by all that he says, which would cost each request: when it is due, it looks back. So whoever says
/// nothing has to go after once to twice the limit.
struct IdleTimeout: ~Copyable, Sendable {
  private let limit: Duration
  private var timer: TimerRegistration
  private var isRenewed = false

  /// From now on.
  ///
  /// The timer's events carry the connection's id.
  init(_ limit: Duration, as id: Event.ID, with registrar: Registrar) {
    self.limit = limit
    timer = TimerRegistration(as: id, with: registrar)
    // It fails where the poller is closed, and everything ends.
    _ = restart()
  }

  /// Returns nil for an event that is to be served, and is a sign of life; for the timer's own, whether the client may stay.
  mutating func judge(_ event: Event, _ report: inout ThreadReport) -> Bool? {
    guard case .timer = event.kind else {
      isRenewed = true
      return nil
    }
    if isRenewed, restart() {
      isRenewed = false
      return true
    }
    report.dropped += 1
    return false
  }

  private mutating func restart() -> Bool {
    (try? timer.schedule(after: limit, tolerance: limit / 16)) != nil
  }
}
