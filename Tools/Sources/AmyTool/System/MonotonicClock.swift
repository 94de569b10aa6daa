internal import Amy

/// The clock of Amy's deadlines, without a system call.
enum MonotonicClock {
  /// Nanoseconds since some moment before the process began.
  static var now: UInt64 { Deadline.now.nanoseconds }
}
