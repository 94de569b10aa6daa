internal import Amy

/// The clock for latencies, in nanoseconds, without a system call: that of Amy's deadlines.
enum MonotonicClock {
  /// Nanoseconds since some moment before the process began.
  static var now: UInt64 { Deadline.now.nanoseconds }
}
