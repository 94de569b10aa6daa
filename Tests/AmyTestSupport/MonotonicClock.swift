import CAmy

/// The clock for latencies: CLOCK_MONOTONIC, without a system call.
package enum MonotonicClock {
  /// Nanoseconds since some moment before the process began.
  package static var now: UInt64 { amy_clock_now() }
}
