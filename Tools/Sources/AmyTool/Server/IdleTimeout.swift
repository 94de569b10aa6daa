internal import Amy

/// The idle timeout of a client.
///
/// Activity does not move the timer, which would cost something with each request: when the timer fires, it checks whether
/// there was any. So an idle client is closed after once to twice the limit.
struct IdleTimeout: ~Copyable, Sendable {
  private let limit: Duration
  private var timer: TimerRegistration
  private var isRenewed = false

  /// Starts the timer.
  ///
  /// The timer's events carry the connection's id.
  init(_ limit: Duration, as id: Event.ID, with registrar: Registrar) {
    self.limit = limit
    timer = TimerRegistration(as: id, with: registrar)
    // Fails if the poller is closed, and then everything ends.
    _ = restart()
  }

  /// Returns nil for an event to be served, which is a sign of life.
  ///
  /// For the timer's own event, returns whether the client may stay.
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
