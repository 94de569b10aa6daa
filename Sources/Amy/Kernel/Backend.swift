/// Everything that Amy asks of a kernel.
///
/// Each requirement may be called from any thread while others wait. A negative result is a negated errno. The code above the
/// backend is portable and knows no kernel; a new kernel is one type that conforms. Dispatch is static: a poller is made for
/// one backend, and the compiler specialises what it calls.
package protocol Backend: ~Copyable, Sendable {
  /// Nanoseconds on the clock that timeouts and timers count on.
  ///
  /// No system call.
  var now: UInt64 { get }

  /// The descriptor of the kernel's queue: readable whenever a wait would find something.
  var descriptor: CInt { get }

  /// Adds, modifies, or removes the watch of a descriptor; removing ignores the watch that is passed.
  ///
  /// Existing readiness is delivered at once. After a removal no wait that starts later reports the descriptor. The errors are
  /// those of epoll_ctl(2), on every kernel.
  func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult

  /// Makes one wait return, or the next; several wakes count as one until a wait consumes them.
  func wake() -> SystemCallResult

  /// Makes every current and future wait return.
  func wakePermanently()

  /// Makes one wait return at a time on the clock of ``now``, or the next after it; replaces the time that was set before.
  ///
  /// Setting it wakes no thread.
  func setAlarm(_ time: UInt64) -> SystemCallResult

  /// Writes as many events as there are and fit after the first `count` events, which stay.
  ///
  /// Sleeps at most the given number of nanoseconds (0 not at all, `UInt64.max` without end) while there are none.
  func wait(into events: inout EventBuffer, after count: Int, for nanoseconds: UInt64) -> WaitResult
}

/// A change to what is watched of a descriptor.
///
/// The numbers are epoll's.
@usableFromInline
package enum Change: CInt, Sendable {
  case add = 1
  case remove = 2
  case modify = 3
}

/// How a wait ended, besides its events.
package struct WaitResult {
  /// The number of entries that the kernel reported if none is an event, anything above zero if one is; 0 when the time was
  /// over; or the negated errno.
  package let result: SystemCallResult
  /// What the kernel reported besides events: if nothing, then there are events.
  package let flags: Flags

  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8

    @inline(__always)
    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// A wake.
    package static var waker: Flags { Flags(rawValue: 1 << 0) }
    /// The alarm.
    package static var alarm: Flags { Flags(rawValue: 1 << 1) }
    /// Events of internal descriptors: they are marked as ``Event/Kind/process``, and must be looked up.
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
