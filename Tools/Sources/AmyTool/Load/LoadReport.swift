internal import Amy
internal import Histogram

/// The results of one thread's requests, or of all.
struct LoadReport: Sendable {
  /// Nanoseconds from the start of sending a request to the arrival of its last byte, with three digits: up to a minute.
  var latencies = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  /// When the last echo arrived, on the monotonic clock.
  var finish: UInt64 = 0
  /// Connections made.
  var connected = 0
  /// Connections that failed: they were refused, broke, answered wrongly or did not answer.
  ///
  /// Each counts once.
  var failed = 0
  /// Failed connections that answered with wrong bytes.
  var wrong = 0
  /// Requests not sent, since the last echo had not arrived when they were due.
  var missed = 0
  /// The reasons of failures, with counts.
  var reasons: [String: Int] = [:]
  /// The error if the connections failed for lack of descriptors or the like: the fault of this machine, not of the server.
  var environmentFailure: PollerError?
  /// The first connect's failure, if no connection was ever made.
  var unreachable: PollerError?

  mutating func fail(_ reason: String, count: Int = 1) {
    if count == 0 { return }
    failed += count
    // A few reasons are enough.
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
