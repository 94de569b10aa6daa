/// Everything that Amy asks of a kernel: a new kernel is one type that conforms.
///
/// Any thread may call each requirement while others wait. A negative result is a negated errno. Dispatch is static: the
/// compiler specialises a poller for its backend.
package protocol Backend: ~Copyable, Sendable {
  /// Nanoseconds on the clock of timeouts and timers, without a system call.
  var now: UInt64 { get }

  /// The kernel's queue, readable whenever a wait would find something.
  var descriptor: CInt { get }

  /// Adds, modifies, or removes a descriptor's watch; removing ignores the one passed.
  ///
  /// Existing readiness is delivered at once. No wait that starts after a removal reports the descriptor. The errors are those
  /// of epoll_ctl(2), on every kernel.
  func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult

  /// Makes one wait return, or the next; several wakes count as one until consumed.
  func wake() -> SystemCallResult

  /// Makes every current and future wait return.
  func wakePermanently()

  /// Makes one wait return at a time on the clock of ``now``, or the next after it; replaces the previous time.
  ///
  /// Setting it wakes no thread.
  func setAlarm(_ time: UInt64) -> SystemCallResult

  /// Writes the events that fit after the first `count`, which stay.
  ///
  /// While there are none, sleeps at most so many nanoseconds: 0 not at all, `UInt64.max` without end.
  func wait(into events: inout EventBuffer, after count: Int, for nanoseconds: UInt64) -> WaitResult
}

/// The numbers are epoll's.
@usableFromInline
package enum Change: CInt, Sendable {
  case add = 1
  case remove = 2
  case modify = 3
}

package struct WaitResult {
  /// The number of entries if none is an event, above zero if one is; 0 when the time was over; or the negated errno.
  package let result: SystemCallResult
  /// If there are none, there are events.
  package let flags: Flags

  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8

    @inline(__always)
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    package static var waker: Flags { Flags(rawValue: 1 << 0) }
    package static var alarm: Flags { Flags(rawValue: 1 << 1) }
    /// Marked as ``Event/Kind/process``, to be looked up.
    package static var internalDescriptor: Flags { Flags(rawValue: 1 << 2) }
    /// Unrequested events, or nothing at all.
    package static var other: Flags { Flags(rawValue: 1 << 3) }
  }

  @inline(__always)
  package init(result: SystemCallResult, flags: Flags) {
    self.result = result
    self.flags = flags
  }
}
