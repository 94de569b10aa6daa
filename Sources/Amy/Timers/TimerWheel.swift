/// Timers by deadline: inserted, moved and removed in O(1), and taken out when they are due, in exact order.
///
/// It asks no clock: whoever owns it says what time it is. Deadlines are nanoseconds, and nothing is rounded: a timer is due
/// when its deadline is not after `now`, and never early by a nanosecond.
///
/// **How.** A hierarchical timing wheel (Varghese and Lauck, 1987) with a wheel for each of the eight bytes of a deadline and
/// a list for each value of the byte. A timer lies on the wheel of the highest byte in which its deadline differs from the
/// cursor, the time up to which all has been taken out. So the first list that is not empty, on the finest wheel that has one,
/// holds the timers that are due first; two words of bits find it. When the cursor reaches a list of a coarser wheel, its
/// timers go to finer ones. On the finest all timers of a list have the same deadline: hence the exact order.
///
/// A wheel of ticks would advance tick by tick. This one jumps, as a radix heap does (Ahuja, Mehlhorn, Orlin and Tarjan,
/// 1990): from a list that is reached the cursor goes straight to the earliest deadline in it. A timer alone on its list
/// thereby falls to the finest wheel at once, and a clock that leaps by hours costs no more than one that creeps. No timer
/// falls more than seven times; those a minute ahead mostly fall twice, and what is removed before falls less or not at all.
///
/// **Order.** By deadline, and of equal deadlines by insertion; to move a timer, or to put back one that repeats, is to
/// insert it anew. A deadline that is before the cursor counts as the cursor: such timers come first, among themselves by
/// insertion.
///
/// `Documentation/decisions/0013-timing-wheel.md` has what was measured.
package struct TimerWheel: ~Copyable, Sendable {
  /// A timer, for as long as it is pending.
  ///
  /// Stale ones are recognised for ever.
  package struct Handle: Sendable, Hashable {
    internal let slot: UInt32
    internal let generation: UInt32
  }

  internal var lists = TimerLists()
  /// The time up to which all has been taken out.
  ///
  /// No timer's place is before it.
  private var cursor: UInt64

  /// The number of timers that are pending.
  package private(set) var count = 0

  /// An empty queue, which allocates nothing before the first timer.
  ///
  /// - Parameter now: The time, if it is known: timers find their places sooner.
  package init(at now: UInt64 = 0) {
    cursor = now
  }
}

extension TimerWheel {
  /// Adds a timer.
  ///
  /// O(1); memory grows by doubling, in place where the system can.
  ///
  /// - Parameters:
  ///   - id: What ``expire(at:atMost:_:)`` is to say.
  ///   - deadline: When it is due: any number, the past and the end of time included.
  ///   - period: How long after that again and again, or 0 for once.
  /// - Returns: What to remove and to move it by, or nil when there is no memory, or no slot of 2^32 left.
  @inline(__always)
  package mutating func insert(id: UInt64, deadline: UInt64, period: UInt64) -> Handle? {
    guard let slot = lists.allocate() else { return nil }
    lists[slot] = TimerLists.Timer(id: id, deadline: deadline, period: period)
    link(slot, due: deadline)
    count &+= 1
    return Handle(slot: slot, generation: lists[generationOf: slot])
  }

  /// Takes a timer out, and returns whether it was pending: not one that fired its last, or that was removed before.
  ///
  /// O(1).
  @inline(__always)
  package mutating func remove(_ handle: Handle) -> Bool {
    guard lists.has(handle.slot, handle.generation) else { return false }
    lists.unlink(handle.slot)
    release(handle.slot)
    return true
  }

  /// Gives a timer another deadline and period, and returns whether it was pending.
  ///
  /// Its handle stays. O(1).
  @inline(__always)
  package mutating func move(_ handle: Handle, deadline: UInt64, period: UInt64) -> Bool {
    guard lists.has(handle.slot, handle.generation) else { return false }
    lists.unlink(handle.slot)
    lists[handle.slot].deadline = deadline
    lists[handle.slot].period = period
    link(handle.slot, due: deadline)
    return true
  }

  /// A time before which no timer is due: the earliest deadline, if no more than 64 timers share the first list; `.max` when
  /// there are none.
  ///
  /// With more, it may be too early, and to expire then spreads these over finer wheels. After a call of
  /// ``expire(at:atMost:_:)`` that left nothing due it is later than that call's `now`. What was overdue when it was inserted
  /// counts as due at the latest such `now`. O(1).
  package var nextDeadline: UInt64 {
    guard let list = lists.first else { return .max }
    return earliest(of: list)
  }

  /// Takes out the timers that are due.
  ///
  /// A timer that repeats is put back to the first of its deadlines after `now`, and so is in a call's results once. One that
  /// would be due after the end of time is put there, and is over when it fires then.
  ///
  /// O(1) for each timer that is due, and for each that falls to a finer wheel, which each does seven times at most, however
  /// long ago the last call was.
  ///
  /// - Parameters:
  ///   - now: The time. Nothing is due at one that is before an earlier call's.
  ///   - limit: How many to take at most. The rest comes with the next calls.
  ///   - body: Called with the id, and with how many of the timer's deadlines have passed, saturating.
  /// - Returns: Whether more are due.
  @inline(__always)
  package mutating func expire(at now: UInt64, atMost limit: Int, _ body: (UInt64, UInt32) -> Void) -> Bool {
    var room = limit
    while let slot = firstDue(at: now) {
      if room <= 0 { return true }
      room &-= 1
      let id = lists[slot].id
      body(id, fire(slot, at: now))
    }
    return false
  }
}

// The lists, by their numbers: a wheel's number, from the finest, times 256, and the byte.
extension TimerWheel {
  /// The list for a deadline that is not before the cursor.
  @inline(__always)
  private func list(for deadline: UInt64) -> UInt32 {
    let highest = UInt64(truncatingIfNeeded: 63 &- ((deadline ^ cursor) | 1).leadingZeroBitCount)
    let byte = (deadline &>> (highest & 0b111000)) & 0xFF
    return UInt32(truncatingIfNeeded: (highest &>> 3) &<< 8 | byte)
  }

  /// The first moment of those that have their place in a list: the byte in place of the cursor's, and zeros after it.
  @inline(__always)
  private func start(of list: UInt32) -> UInt64 {
    let shift = UInt64((list &>> 8) &<< 3)
    let behind = (0x100 &<< shift) &- 1 as UInt64
    return cursor & ~behind | UInt64(list & 0xFF) &<< shift
  }

  /// The earliest deadline in a list with few timers; the start of one with many.
  private func earliest(of list: UInt32) -> UInt64 {
    if list < 0x100 { return start(of: list) }
    var earliest = UInt64.max
    var slot = lists.next(after: list)
    for _ in 0..<64 {
      earliest = min(earliest, lists[slot].deadline)
      slot = lists.next(after: slot)
      if slot == list { return earliest }
    }
    return start(of: list)
  }

  /// Puts a timer at the end of its list: those of the same deadline are on the same, so they stay in order.
  @inline(__always)
  private mutating func link(_ slot: UInt32, due deadline: UInt64) {
    lists.append(slot, to: list(for: max(deadline, cursor)))
  }

  @inline(__always)
  private mutating func release(_ slot: UInt32) {
    lists.release(slot)
    count &-= 1
  }
}

// Time passes.
extension TimerWheel {
  /// The first timer, if it is due.
  ///
  /// Moves the cursor to its deadline; or to `now`, when nothing is due.
  @inline(__always)
  private mutating func firstDue(at now: UInt64) -> UInt32? {
    while let list = lists.first {
      let start = start(of: list)
      if start > now { break }
      if list < 0x100 {
        cursor = start
        return lists.next(after: list)
      }
      cascade(list, at: now)
    }
    cursor = max(cursor, now)
    return nil
  }

  /// Moves the cursor into a list, as far as nothing is left behind, and its timers to finer wheels, in their order.
  @inline(never)
  private mutating func cascade(_ list: UInt32, at now: UInt64) {
    cursor = min(earliest(of: list), now)
    var slot = lists.next(after: list)
    lists.empty(list)
    while slot != list {
      let next = lists.next(after: slot)
      link(slot, due: lists[slot].deadline)
      slot = next
    }
  }

  /// Frees a timer that is due, or puts it back, and returns how many of its deadlines have passed.
  @inline(__always)
  private mutating func fire(_ slot: UInt32, at now: UInt64) -> UInt32 {
    lists.unlink(slot)
    let period = lists[slot].period
    if period == 0 {
      release(slot)
      return 1
    }
    return putBack(slot, after: now)
  }

  @inline(never)
  private mutating func putBack(_ slot: UInt32, after now: UInt64) -> UInt32 {
    let timer = lists[slot]
    // The latest deadline that has passed is not after now; the one after it may be after the end of time.
    let passed = (now &- timer.deadline) / timer.period
    let latest = timer.deadline &+ passed &* timer.period
    let (sum, isBeyond) = latest.addingReportingOverflow(timer.period)
    let next = isBeyond ? .max : sum
    if next > now {
      lists[slot].deadline = next
      link(slot, due: next)
    } else {
      release(slot)
    }
    return UInt32(clamping: passed.addingReportingOverflow(1).overflow ? .max : passed &+ 1)
  }
}
