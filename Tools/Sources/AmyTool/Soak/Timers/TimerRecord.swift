struct TimerRecord: Sendable {
  /// One per firing: a timer that fired and was moved has several.
  var due: [UInt64] = []
  /// When it was seen to fire.
  var seen: [UInt64] = []
  /// A thread is moving or cancelling it, and does not know yet whether it fired before.
  var isInFlux = false
  /// It will not be moved or cancelled any more.
  var isLetGo = false
  /// For a repeating timer.
  var rhythm: Rhythm?

  struct Rhythm: Sendable {
    let begin: UInt64
    let period: UInt64
    /// The periods reported.
    var told: UInt64 = 0
    /// Its last report.
    var last: UInt64
    /// Its cancellation.
    var end: UInt64?
  }

  /// What is wrong with a time at which it was seen to fire.
  ///
  /// Waiting threads may report two firings in the wrong order: once sorted, each time must match the deadline in its place.
  var mistake: String? {
    if isInFlux { return nil }
    if seen.count > due.count { return "fired \(seen.count) times, but was set \(due.count) times" }
    for (time, deadline) in zip(seen.sorted(), due.sorted()) where time < deadline {
      return "fired \(deadline - time) ns early"
    }
    return nil
  }

  /// The next firing's deadline.
  var nextDue: UInt64? {
    let due = due.sorted()
    return isInFlux || seen.count >= due.count ? nil : due[seen.count]
  }

  /// Whether it cannot fire any more.
  var isFinished: Bool { rhythm == nil && isLetGo && !isInFlux && seen.count == due.count }
}
