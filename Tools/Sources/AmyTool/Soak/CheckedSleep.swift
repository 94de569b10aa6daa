internal import Amy
internal import AmyThreads

/// A rest, on a channel that nobody sends to; and an eye on it, since no timeout may be cut short.
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
    if outcome != .empty { violations.report("sleeps", "a channel to which nothing was sent gave \(outcome)") }
    if end - begin < duration.wholeNanoseconds {
      violations.report("sleeps", "a receive that was to wait for \(duration) came back after \(end - begin) ns")
    }
  }
}
