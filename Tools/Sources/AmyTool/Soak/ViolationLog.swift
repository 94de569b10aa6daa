internal import AmyThreads
internal import Synchronization

/// Hears of what must not happen, and tells everybody when it is over: with the first violation, or at the end.
final class ViolationLog: Sendable {
  /// Something that Amy promises not to do.
  struct Violation: Sendable {
    /// Who saw it: `timers`.
    let part: String
    /// What was seen.
    let what: String
    /// How long after the begin.
    let time: Duration
  }

  /// How long something may take that must happen: longer than any machine is busy, or it is lost.
  let timeLimit: Duration
  private let begin = MonotonicClock.now
  private let found = Monitor<[Violation]>([])
  private let end = Atomic(false)

  init(timeLimit: Duration) {
    self.timeLimit = timeLimit
  }

  var violations: [Violation] { found.withLock { $0 } }

  /// Whether nothing new is to be begun.
  var isOver: Bool { end.load(ordering: .relaxed) }

  /// Since when.
  var elapsed: Duration { .nanoseconds(Int64(MonotonicClock.now - begin)) }

  func stop() {
    end.store(true, ordering: .relaxed)
  }

  /// Takes down a violation, and ends the soak: what comes after it mostly comes of it.
  func report(_ part: String, _ what: String) {
    let violation = Violation(part: part, what: what, time: elapsed)
    found.withLock { if $0.count < 16 { $0.append(violation) } }
    stop()
  }

  /// Whether something that was due then is overdue.
  func isOverdue(since time: UInt64, at now: UInt64) -> Bool {
    now > time && now - time > timeLimit.wholeNanoseconds
  }
}
