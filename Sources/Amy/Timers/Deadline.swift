internal import CAmy

/// A time on the clock of timers and timeouts, in nanoseconds.
///
/// ```swift
/// let deadline = Deadline.now + .seconds(30)
/// try registrar.scheduleTimer(at: deadline)
/// ```
///
/// The clock is monotonic and stops while the system is suspended: `CLOCK_MONOTONIC` on Linux and the BSDs, as
/// `SuspendingClock` reads. Amy does not use that clock's instant, which counts attoseconds in 128 bits: reading it takes ten
/// times as long as reading the clock.
public struct Deadline: Hashable, Sendable {
  /// Nanoseconds since the clock's beginning, mostly the system's start.
  public let nanoseconds: UInt64

  /// A deadline from a stored number.
  @inlinable
  public init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The current time.
  ///
  /// Some 20 ns; no system call where the kernel maps its clock into the process, as Linux does.
  public static var now: Deadline {
    Deadline(nanoseconds: amy_clock_now())
  }

  /// A time that never comes.
  @inlinable
  public static var never: Deadline { Deadline(nanoseconds: .max) }

  /// Returns a later time, rounded up to nanoseconds and saturating, so that nothing comes early.
  ///
  /// A duration below zero counts as zero.
  public static func + (deadline: Deadline, duration: Duration) -> Deadline {
    Deadline(nanoseconds: deadline.nanoseconds.addingSaturating(duration.nanoseconds))
  }
}

extension Deadline: Comparable {
  /// Whether one is before the other.
  @inlinable
  public static func < (one: Deadline, other: Deadline) -> Bool {
    one.nanoseconds < other.nanoseconds
  }
}
