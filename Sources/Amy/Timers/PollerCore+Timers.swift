internal import Synchronization

/// With the kernel's single alarm for all.
package struct Timers: ~Copyable, Sendable {
  var queue: TimerWheel
  /// The time of the alarm, until a waiter consumes it; `.max` if it is not set.
  var alarm = UInt64.max

  init(at now: UInt64) {
    queue = TimerWheel(at: now)
  }
}

extension PollerCore where Kernel: ~Copyable {
  /// Sets a timer; throws ``PollerError/Code/closed``, ``PollerError/Code/forked``, ``PollerError/Code/outOfMemory``.
  @inline(__always)
  package func schedule(
    _ id: Event.ID, at deadline: UInt64, every period: UInt64
  ) throws(PollerError) -> ScheduledTimer {
    guard liveness.isUsable else { throw liveness.refusal }
    guard let handle = timers.locked.insert(id, deadline, period, of: self) else {
      throw PollerError(.outOfMemory)
    }
    return ScheduledTimer(id: id, handle: handle, poller: self.id)
  }

  /// Returns whether the timer is pending; refuses another poller's.
  package func move(
    _ timer: ScheduledTimer, to deadline: UInt64, every period: UInt64
  ) throws(PollerError) -> Bool {
    guard liveness.isUsable else { throw liveness.refusal }
    guard timer.poller == id else { throw PollerError(.invalidArgument) }
    return timers.locked.move(timer.handle, deadline, period, of: self)
  }

  /// Returns whether the timer was pending.
  ///
  /// Another poller's is not, though slots and generations begin alike in each. In a forked child none is, and the lock, which
  /// another thread may have held at the fork, is left alone.
  @inline(__always)
  package func cancel(_ timer: ScheduledTimer) -> Bool {
    timer.poller == id && !liveness.isForked && timers.locked.queue.remove(timer.handle)
  }

  /// As far as there is room.
  internal func expireTimers(into events: inout EventBuffer) {
    let due = earliest.load(ordering: .acquiring)
    if due == .max || events.count == events.capacity { return }
    let now = kernel.now
    if due <= now { takeTimers(at: now, into: &events) }
  }

  // The functions that take the lock are separate: inlined, they would lengthen each wait that does not need it.

  @inline(never)
  private func takeTimers(at now: UInt64, into events: inout EventBuffer) {
    timers.locked.expire(at: now, into: &events, of: self)
  }

  @inline(never)
  internal func forgetAlarm() {
    timers.locked.alarm = .max
  }

  @inline(never)
  private func setAlarm(for deadline: UInt64) -> Bool {
    timers.locked.setAlarm(for: deadline, of: self)
  }

  /// Returns how long the timers let a thread sleep.
  ///
  /// A single sleeper sleeps until the next timer at most, as do all if no alarm can be set; otherwise the kernel's alarm wakes
  /// one of several.
  internal func sleepLimit(at now: UInt64, isAlone: Bool) -> UInt64 {
    let due = earliest.load(ordering: .acquiring)
    if due == .max { return timers.locked.rest(of: self) }
    if due <= now { return 0 }
    return isAlone || !setAlarm(for: due) ? due &- now : .max
  }

  internal func guardTimers() {
    let due = earliest.load(ordering: .acquiring)
    if due == .max { return }
    if due <= kernel.now || !setAlarm(for: due) {
      if wakeState.handOff() { signalWaker() }
    }
  }
}

extension Timers {
  @inline(__always)
  fileprivate mutating func insert<Kernel: Backend & ~Copyable>(
    _ id: Event.ID, _ deadline: UInt64, _ period: UInt64, of core: borrowing PollerCore<Kernel>
  ) -> TimerWheel.Handle? {
    guard let handle = queue.insert(id: id.rawValue, deadline: deadline, period: period) else { return nil }
    if deadline < core.earliest.load(ordering: .relaxed) { hasNewEarliest(deadline, of: core) }
    return handle
  }

  fileprivate mutating func move<Kernel: Backend & ~Copyable>(
    _ handle: TimerWheel.Handle, _ deadline: UInt64, _ period: UInt64, of core: borrowing PollerCore<Kernel>
  ) -> Bool {
    guard queue.move(handle, deadline: deadline, period: period) else { return false }
    if deadline < core.earliest.load(ordering: .relaxed) { hasNewEarliest(deadline, of: core) }
    return true
  }

  private mutating func hasNewEarliest<Kernel: Backend & ~Copyable>(_ deadline: UInt64, of core: borrowing PollerCore<Kernel>) {
    core.earliest.store(deadline, ordering: .releasing)
    // A thread that parks after this sees the timer; the alarm wakes one that parked before.
    if core.wakeState.publishTimer().hasSleepers, !setAlarm(for: deadline, of: core), core.wakeState.handOff() {
      core.signalWaker()
    }
  }

  /// Returns whether the alarm fires at a time or before.
  fileprivate mutating func setAlarm<Kernel: Backend & ~Copyable>(
    for deadline: UInt64, of core: borrowing PollerCore<Kernel>
  ) -> Bool {
    if alarm <= deadline { return true }
    guard core.kernel.setAlarm(deadline) >= 0 else { return false }
    alarm = deadline
    return true
  }

  fileprivate mutating func expire<Kernel: Backend & ~Copyable>(
    at now: UInt64, into events: inout EventBuffer, of core: borrowing PollerCore<Kernel>
  ) {
    _ = queue.expire(at: now, atMost: events.capacity &- events.count) { id, expirations in
      events.append(Event(id: Event.ID(assuming: id), kind: .timer(expirations: expirations)))
    }
    core.earliest.store(queue.nextDeadline, ordering: .releasing)
  }

  /// Clears the timer flag if there is no timer; setting one sets it again.
  fileprivate mutating func rest<Kernel: Backend & ~Copyable>(of core: borrowing PollerCore<Kernel>) -> UInt64 {
    if core.earliest.load(ordering: .relaxed) != .max { return 0 }
    core.wakeState.clearTimers()
    return .max
  }
}
