/// A timer's deadlines and firings.
struct TimerRecord: Sendable {
  /// Its deadlines, each for one firing: a timer that had fired and was moved has several.
  var due: [UInt64] = []
  /// When it was seen to fire.
  var seen: [UInt64] = []
  /// A thread is moving or cancelling it, and does not know yet whether it has fired before.
  var isInFlux = false
  /// It will not be moved or cancelled any more.
  var isLetGo = false
  /// For a repeating timer.
  var rhythm: Rhythm?

  struct Rhythm: Sendable {
    let begin: UInt64
    let period: UInt64
    /// The number of periods that its events reported.
    var told: UInt64 = 0
    /// The time of its last report.
    var last: UInt64
    /// The time of its cancellation.
    var end: UInt64?
  }

  /// What is wrong with a time at which it was seen to fire, or nil.
  ///
  /// Several threads wait, and may report two firings in the wrong order: so, once both are sorted, the first time must match
  /// the first deadline, the second the second, and so on.
  var mistake: String? {
    if isInFlux { return nil }
    if seen.count > due.count { return "fired \(seen.count) times, but was set \(due.count) times" }
    for (time, deadline) in zip(seen.sorted(), due.sorted()) where time < deadline {
      return "fired \(deadline - time) ns early"
    }
    return nil
  }

  /// The deadline of the next firing.
  var nextDue: UInt64? {
    let due = due.sorted()
    return isInFlux || seen.count >= due.count ? nil : due[seen.count]
  }

  /// Whether it cannot fire any more.
  var isFinished: Bool { rhythm == nil && isLetGo && !isInFlux && seen.count == due.count }
}
