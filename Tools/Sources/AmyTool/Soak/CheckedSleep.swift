internal import Amy
internal import AmyThreads

/// A sleep on an empty channel, which checks that no timeout is cut short.
struct CheckedSleep: Sendable {
  private let sender: Sender<Bool>
  private let receiver: Receiver<Bool>
  private let violations: ViolationLog

  init(_ violations: ViolationLog) throws(PollerError) {
    (sender, receiver) = try makeChannel(of: Bool.self)
    self.violations = violations
  }

  func rest(_ duration: Duration) {
    let begin = MonotonicClock.now
    let outcome = receiver.receive(timeout: duration)
    let end = MonotonicClock.now
    if outcome != .empty { violations.report("sleeps", "a channel without messages returned \(outcome)") }
    if end - begin < duration.wholeNanoseconds {
      violations.report("sleeps", "a receive with a timeout of \(duration) returned after \(end - begin) ns")
    }
  }
}
