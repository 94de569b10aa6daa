internal import Amy

/// A client's idle timeout.
///
/// Activity does not move the timer, at a cost per request: when the timer fires, it checks whether there was any. So an idle
/// client is closed after once to twice the limit.
struct IdleTimeout: ~Copyable, Sendable {
  private let limit: Duration
  private var timer: TimerRegistration
  private var isRenewed = false

  /// Starts the timer, with events under the connection's id.
  init(_ limit: Duration, as id: Event.ID, with registrar: Registrar) {
    self.limit = limit
    timer = TimerRegistration(as: id, with: registrar)
    // Fails if the poller is closed, when everything ends.
    _ = restart()
  }

  /// Returns nil for an event to serve, a sign of life; for the timer's, whether the client may stay.
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
