internal import AmyThreads
internal import Synchronization

/// Collects violations, and tells all threads when the soak is over: with the first violation, or at the end.
final class ViolationLog: Sendable {
  /// A broken promise of Amy.
  struct Violation: Sendable {
    /// The part that saw it: `timers`.
    let part: String
    /// The description.
    let what: String
    /// The time since the start.
    let time: Duration
  }

  /// How long an expected result may take: longer than any machine is busy, so that later it counts as lost.
  let timeLimit: Duration
  private let begin = MonotonicClock.now
  private let found = Monitor<[Violation]>([])
  private let end = Atomic(false)

  init(timeLimit: Duration) {
    self.timeLimit = timeLimit
  }

  var violations: [Violation] { found.withLock { $0 } }

  /// Whether to start nothing new.
  var isOver: Bool { end.load(ordering: .relaxed) }

  /// The time since the start.
  var elapsed: Duration { .nanoseconds(Int64(MonotonicClock.now - begin)) }

  func stop() {
    end.store(true, ordering: .relaxed)
  }

  /// Records a violation, and ends the soak: most later violations would follow from it.
  func report(_ part: String, _ what: String) {
    let violation = Violation(part: part, what: what, time: elapsed)
    found.withLock { if $0.count < 16 { $0.append(violation) } }
    stop()
  }

  /// Returns whether something due at `time` is overdue.
  func isOverdue(since time: UInt64, at now: UInt64) -> Bool {
    now > time && now - time > timeLimit.wholeNanoseconds
  }
}
