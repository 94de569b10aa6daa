/// Timers by deadline: inserted, moved and removed in O(1), and taken out in exact order when they are due.
///
/// Its owner passes in the time. Deadlines are nanoseconds, never rounded: a timer is due when its deadline is not after `now`.
///
/// **How.** A hierarchical timing wheel (Varghese and Lauck, 1987) with a wheel for each of a deadline's eight bytes and a list
/// for each value of the byte. A timer is on the wheel of the highest byte in which its deadline differs from the cursor, the
/// time up to which all timers have been taken out. So the first nonempty list, on the finest wheel that has one, holds the
/// timers due first; two words of bits find it. When the cursor reaches a list of a coarser wheel, its timers cascade to finer
/// wheels. A list of the finest wheel has one deadline: hence the exact order.
///
/// A wheel of ticks would advance tick by tick. This one jumps, as a radix heap does (Ahuja, Mehlhorn, Orlin and Tarjan, 1990):
/// the cursor moves to the earliest deadline in the list that it reaches. So a timer alone on its list falls to the finest
/// wheel at once, and a clock that jumps by hours costs no more than a slow one. No timer falls more than seven times; those a
/// minute ahead mostly fall twice, and those removed before less or not at all.
///
/// **Order.** By deadline, then by insertion; moving a timer, or putting back one that repeats, inserts it anew. A deadline
/// before the cursor counts as the cursor: such timers come first, by insertion.
///
/// `Documentation/decisions/0013-timing-wheel.md` has the measurements.
package struct TimerWheel: ~Copyable, Sendable {
  /// A handle to a pending timer; stale ones are recognised for ever.
  package struct Handle: Sendable, Hashable {
    internal let slot: UInt32
    internal let generation: UInt32
  }

  internal var lists = TimerLists()
  /// The time up to which all timers have been taken out: no timer's place is before it.
  private var cursor: UInt64

  package private(set) var count = 0

  /// An empty queue; nothing is allocated before the first timer.
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
  ///   - id: What ``expire(at:atMost:_:)`` reports.
  ///   - deadline: Any number, including the past and the end of time.
  ///   - period: The time between repetitions, or 0 to fire once.
  /// - Returns: The handle, or nil without memory, or a slot of 2^32 left.
  @inline(__always)
  package mutating func insert(id: UInt64, deadline: UInt64, period: UInt64) -> Handle? {
    guard let slot = lists.allocate() else { return nil }
    lists[slot] = TimerLists.Timer(id: id, deadline: deadline, period: period)
    link(slot, due: deadline)
    count &+= 1
    return Handle(slot: slot, generation: lists[generationOf: slot])
  }

  /// Returns whether the timer was pending: neither fired for the last time nor removed.
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
  /// With more timers it may be too early, and expiring then spreads them over finer wheels. After an ``expire(at:atMost:_:)``
  /// that left nothing due it is later than that call's `now`, at which a timer inserted overdue counts as due. O(1).
  package var nextDeadline: UInt64 {
    guard let list = lists.first else { return .max }
    return earliest(of: list)
  }

  /// Takes out the due timers.
  ///
  /// A timer that repeats is put back to its first deadline after `now`, so a call reports it once. If that is after the end of
  /// time, the timer fires there, for the last time.
  ///
  /// O(1) for each timer that is due, and for each that falls to a finer wheel, at most seven times per timer, however long ago
  /// the last call was.
  ///
  /// - Parameters:
  ///   - now: The time. Nothing is due at a time before an earlier call's.
  ///   - limit: How many to take at most; the rest comes with the next calls.
  ///   - body: Gets the id, and how many of the timer's deadlines have passed, saturating.
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

// A list's number: its wheel's, from the finest, times 256, plus the byte.
extension TimerWheel {
  /// The deadline must not be before the cursor.
  @inline(__always)
  private func list(for deadline: UInt64) -> UInt32 {
    let highest = UInt64(truncatingIfNeeded: 63 &- ((deadline ^ cursor) | 1).leadingZeroBitCount)
    let byte = (deadline &>> (highest & 0b111000)) & 0xFF
    return UInt32(truncatingIfNeeded: (highest &>> 3) &<< 8 | byte)
  }

  /// The earliest time with its place in a list: the cursor with the list's byte, then zeros.
  @inline(__always)
  private func start(of list: UInt32) -> UInt64 {
    let shift = UInt64((list &>> 8) &<< 3)
    let behind = (0x100 &<< shift) &- 1 as UInt64
    return cursor & ~behind | UInt64(list & 0xFF) &<< shift
  }

  /// With many timers, the start of the list.
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

  /// Timers with the same deadline share a list, and so stay in order.
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

extension TimerWheel {
  /// Returns the first timer if it is due, and moves the cursor to its deadline, or else to `now`.
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

  /// Moves the cursor into a list, as far as it leaves nothing behind, and the timers to finer wheels, in order.
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

  /// Returns how many of the timer's deadlines have passed.
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
    // The latest passed deadline is not after now; the next may be after the end of time.
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
