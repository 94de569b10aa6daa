internal import AmyThreads
internal import Synchronization

/// Collects violations, and tells all threads that the soak is over: at the first one, or at the end.
final class ViolationLog: Sendable {
  struct Violation: Sendable {
    /// The part that saw it: `timers`.
    let part: String
    let what: String
    /// Since the start.
    let time: Duration
  }

  /// How long a result may take, longer than any machine is busy, before it is lost.
  let timeLimit: Duration
  private let begin = MonotonicClock.now
  private let found = Monitor<[Violation]>([])
  private let end = Atomic(false)

  init(timeLimit: Duration) {
    self.timeLimit = timeLimit
  }

  var violations: [Violation] { found.withLock { $0 } }

  var isOver: Bool { end.load(ordering: .relaxed) }

  /// Since the start.
  var elapsed: Duration { .nanoseconds(Int64(MonotonicClock.now - begin)) }

  func stop() {
    end.store(true, ordering: .relaxed)
  }

  /// Records a violation, and ends the soak: most later ones would follow from it.
  func report(_ part: String, _ what: String) {
    let violation = Violation(part: part, what: what, time: elapsed)
    found.withLock { if $0.count < 16 { $0.append(violation) } }
    stop()
  }

  func isOverdue(since time: UInt64, at now: UInt64) -> Bool {
    now > time && now - time > timeLimit.wholeNanoseconds
  }
}
