internal import Amy
internal import Histogram

/// The results of a thread's requests, or of all.
struct LoadReport: Sendable {
  /// Nanoseconds from the start of sending a request to its last byte's arrival, with three digits, up to a minute.
  var latencies = Histogram<UInt64>(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
  /// The last echo's arrival, on the monotonic clock.
  var finish: UInt64 = 0
  var connected = 0
  /// Connections refused, broken, or answered wrongly or not at all, each counted once.
  var failed = 0
  /// Those answered with wrong bytes.
  var wrong = 0
  /// Requests not sent: the last echo had not arrived when they were due.
  var missed = 0
  /// Failures, with counts.
  var reasons: [String: Int] = [:]
  /// Connections failed for lack of descriptors or the like: this machine's fault, not the server's.
  var environmentFailure: PollerError?
  /// The first connect's failure, if none succeeded.
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
