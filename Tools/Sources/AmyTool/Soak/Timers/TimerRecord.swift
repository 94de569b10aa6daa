/// What a timer is to do, and what it did.
struct TimerRecord: Sendable {
  /// When it is to fire, each once: a moved one that had fired has several.
  var due: [UInt64] = []
  /// When it was seen to.
  var seen: [UInt64] = []
  /// Somebody moves or cancels it, and does not know yet whether it has fired before.
  var isInFlux = false
  /// Nobody will move or cancel it any more.
  var isLetGo = false
  /// For one that repeats.
  var rhythm: Rhythm?

  struct Rhythm: Sendable {
    let begin: UInt64
    let period: UInt64
    /// How many of its periods its events have told of.
    var told: UInt64 = 0
    /// When it was heard of last.
    var last: UInt64
    /// When it was cancelled.
    var end: UInt64?
  }

  /// What is wrong with a time at which it was seen to fire, or nil.
  ///
  /// Several threads wait, and may tell of two firings in the wrong order: so the first time must suit the first deadline, the
  /// second the second, and so on, once both are in order.
  var mistake: String? {
    if isInFlux { return nil }
    if seen.count > due.count { return "fired \(seen.count) times, and was set \(due.count) times" }
    for (time, deadline) in zip(seen.sorted(), due.sorted()) where time < deadline {
      return "fired \(deadline - time) ns early"
    }
    return nil
  }

  /// When it should have been seen next.
  var nextDue: UInt64? {
    let due = due.sorted()
    return isInFlux || seen.count >= due.count ? nil : due[seen.count]
  }

  /// Whether nothing more can come of it.
  var isFinished: Bool { rhythm == nil && isLetGo && !isInFlux && seen.count == due.count }
}
