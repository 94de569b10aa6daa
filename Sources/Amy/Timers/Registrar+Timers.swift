// No timer has a descriptor, and none of these calls wakes a thread, unless the kernel's alarm cannot be set.
extension Registrar {
  /// Sets a timer that fires once, after a time.
  ///
  /// The time counts from this call on the clock of ``Deadline``. The timer never fires early; zero or less fires at the next
  /// wait. Its event is ``Event/Kind/timer(expirations:)``. O(1), and allocates only if more timers are pending than ever
  /// before. No system call, unless it is due before all others while a thread sleeps: then one moves the kernel's alarm
  /// (`timerfd_settime`).
  ///
  /// - Parameters:
  ///   - delay: Rounded up to nanoseconds; more than 584 years is for ever.
  ///   - id: From ``reserveID()``, or nil for a fresh one.
  ///   - tolerance: How much later it may fire, so that a thread wakes once for several timers.
  /// - Returns: The timer, to cancel or reschedule it.
  /// - Throws: ``PollerError/Code/closed``, ``PollerError/Code/forked``, and ``PollerError/Code/outOfMemory``.
  @inlinable
  public func scheduleTimer(
    after delay: Duration, as id: Event.ID? = nil, tolerance: Duration = .nanoseconds(0)
  ) throws(PollerError) -> ScheduledTimer {
    if tolerance.attoseconds != 0 { return try scheduleTimer(at: .now + delay, as: id, tolerance: tolerance) }
    return try schedule(after: delay, as: id)
  }

  // The common path: no tolerance, which the caller knows.
  @usableFromInline
  internal func schedule(after delay: Duration, as id: Event.ID?) throws(PollerError) -> ScheduledTimer {
    try scheduleTimer(at: .now + delay, as: id)
  }

  /// Sets a timer that fires once, at a time; a time that has passed means the next wait.
  ///
  /// All else is as in ``scheduleTimer(after:as:tolerance:)``.
  @inline(__always)
  public func scheduleTimer(
    at deadline: Deadline, as id: Event.ID? = nil, tolerance: Duration = .nanoseconds(0)
  ) throws(PollerError) -> ScheduledTimer {
    let id = id ?? reserveID()
    return try core.schedule(id, at: deadline.coalesced(within: tolerance), every: 0)
  }

  /// Sets a timer that fires repeatedly, for the first time after one period.
  ///
  /// It does not drift, and needs no re-arming: periods count from when it was set, not from when an event was taken. The event
  /// says how many have passed since the last one, up to `UInt32.max`.
  ///
  /// - Parameters:
  ///   - period: Rounded up to nanoseconds; more than zero.
  ///   - id: The id of its events.
  ///   - tolerance: How much later its first event may come; the periods count from there.
  /// - Returns: The timer, to cancel or reschedule it.
  /// - Throws: Also ``PollerError/Code/invalidArgument`` for a period that is not above zero.
  public func scheduleTimer(
    every period: Duration, as id: Event.ID? = nil, tolerance: Duration = .nanoseconds(0)
  ) throws(PollerError) -> ScheduledTimer {
    guard period > .zero else { throw PollerError(.invalidArgument) }
    let id = id ?? reserveID()
    let deadline = (Deadline.now + period).coalesced(within: tolerance)
    return try core.schedule(id, at: deadline, every: period.nanoseconds)
  }

  /// Cancels a timer; returns whether it was pending: false if it has fired for the last time, or was cancelled.
  ///
  /// No wait that starts after this has returned reports it. Repeatable, O(1), no system call, nothing allocated. For a timer
  /// of another poller, and in a forked child, it does nothing and returns false.
  @discardableResult
  @inline(__always)
  public func cancel(_ timer: ScheduledTimer) -> Bool {
    core.cancel(timer)
  }

  /// Moves a timer to another time, or sets it again if it was no longer pending; returns whether it was.
  ///
  /// It then fires once, even if it repeated. Cost and errors are those of ``scheduleTimer(after:as:tolerance:)``; also
  /// ``PollerError/Code/invalidArgument`` for a timer of another poller, which stays as it is.
  @discardableResult
  public func reschedule(
    _ timer: inout ScheduledTimer, after delay: Duration, tolerance: Duration = .nanoseconds(0)
  ) throws(PollerError) -> Bool {
    try reschedule(&timer, at: .now + delay, tolerance: tolerance)
  }

  /// Does what ``reschedule(_:after:tolerance:)`` does, to a time.
  @discardableResult
  public func reschedule(
    _ timer: inout ScheduledTimer, at deadline: Deadline, tolerance: Duration = .nanoseconds(0)
  ) throws(PollerError) -> Bool {
    let time = deadline.coalesced(within: tolerance)
    if try core.move(timer, to: time, every: 0) { return true }
    timer = try core.schedule(timer.id, at: time, every: 0)
    return false
  }
}

// `.nanoseconds(0)` and comparing attoseconds become constants; `.zero` and `==` are calls.
extension Deadline {
  /// The roundest number of nanoseconds within the tolerance: timers close to one another get the same.
  @inline(__always)
  fileprivate func coalesced(within tolerance: Duration) -> UInt64 {
    tolerance.attoseconds == 0 ? nanoseconds : rounded(within: tolerance.nanoseconds)
  }

  @inline(never)
  private func rounded(within tolerance: UInt64) -> UInt64 {
    let last = nanoseconds.addingSaturating(tolerance)
    if nanoseconds == 0 || last == .max { return nanoseconds }
    // Of the numbers from `nanoseconds` to `last`, this one has the most zeros at its end: `last` without the bits below the
    // highest in which it differs from the number before `nanoseconds`.
    let different = (nanoseconds &- 1) ^ last
    return last & ~((1 &<< UInt64(63 - different.leadingZeroBitCount)) &- 1)
  }
}
