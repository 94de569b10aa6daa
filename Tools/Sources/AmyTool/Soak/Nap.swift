internal import Amy
internal import AmyThreads

/// A rest, on a channel that nobody sends to; and an eye on it, since no timeout may be cut short.
struct Nap: Sendable {
  private let sender: Sender<Bool>
  private let receiver: Receiver<Bool>
  private let referee: Referee

  init(_ referee: Referee) throws(PollerError) {
    (sender, receiver) = try makeChannel(of: Bool.self)
    self.referee = referee
  }

  func rest(_ duration: Duration) {
    let begin = MonotonicClock.now
    let outcome = receiver.receive(timeout: duration)
    let end = MonotonicClock.now
    if outcome != .empty { referee.report("naps", "a channel to which nothing was sent gave \(outcome)") }
    if end - begin < duration.wholeNanoseconds {
      referee.report("naps", "a receive that was to wait for \(duration) came back after \(end - begin) ns")
    }
  }
}
