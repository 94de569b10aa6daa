internal import Amy
internal import Histogram

/// What became of the requests of a thread, or of all.
struct LoadReport: Sendable {
  /// Nanoseconds from the begin of a request's sending to its last byte's arrival, at three digits: up to a minute.
  var latencies = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  /// When the last echo came, on the monotonic clock.
  var finish: UInt64 = 0
  /// Connections that were made.
  var connected = 0
  /// Connections that failed: were refused, broke, answered wrongly or not at all; each counted once.
  var failed = 0
  /// Those of them that answered with other bytes than were sent.
  var wrong = 0
  /// Requests that were not sent, since the last one's echo had not come yet when it was time.
  var missed = 0
  /// Why they failed, and how often each happened.
  var reasons: [String: Int] = [:]
  /// Whether the connections failed for want of descriptors or the like: this machine's fault, and not the server's.
  var environmentFailure: PollerError?
  /// The first connect's failure, where no connection was ever made.
  var unreachable: PollerError?

  mutating func fail(_ reason: String, count: Int = 1) {
    if count == 0 { return }
    failed += count
    // A handful tells enough.
    let reason = reasons.count < 8 || reasons.keys.contains(reason) ? reason : "and others"
    reasons[reason, default: 0] += count
  }

  mutating func add(_ other: LoadReport) {
    latencies.add(other.latencies)
    finish = max(finish, other.finish)
    connected += other.connected
    failed += other.failed
    wrong += other.wrong
    missed += other.missed
    reasons.merge(other.reasons, uniquingKeysWith: +)
    environmentFailure = environmentFailure ?? other.environmentFailure
    unreachable = unreachable ?? other.unreachable
  }
}
