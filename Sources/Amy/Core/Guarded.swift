internal import CAmy
public import Synchronization

/// A value behind a lock: each use of ``value`` is a critical section, and short.
///
/// ```swift
/// queue.value.push(message)   // one method of the value's own: locked before, unlocked after
/// ```
///
/// A word that is changed by compare and exchange, and a sleep until that word changes (futex(2)) only where another thread
/// holds it. Why not `Mutex`: `Documentation/decisions/0014-a-lock-of-our-own.md`.
///
/// The value lives in memory of its own, so that the words beside it have an address that the kernel can be told.
@safe
@frozen
@usableFromInline
package struct Guarded<Value: ~Copyable>: ~Copyable {
  @frozen
  @usableFromInline
  internal struct Memory: ~Copyable {
    /// 0 free, 1 held, 2 held and slept for.
    @usableFromInline
    internal let lock = Atomic<UInt32>(0)
    /// Counted up by each announcement.
    @usableFromInline
    internal let changes = Atomic<UInt32>(0)
    @usableFromInline
    internal var value: Value

    @inlinable
    internal init(_ value: consuming Value) {
      self.value = value
    }
  }

  @usableFromInline
  internal let memory: UnsafeMutablePointer<Memory>

  /// Allocates once.
  @inlinable
  package init(_ value: consuming Value) {
    unsafe memory = .allocate(capacity: 1)
    unsafe memory.initialize(to: Memory(value))
  }

  @inlinable
  deinit {
    unsafe memory.deinitialize(count: 1)
    unsafe memory.deallocate()
  }
}

// The lock is what makes it so: nothing reaches the value but through it.
extension Guarded: @unchecked Sendable where Value: Sendable & ~Copyable {}

extension Guarded where Value: ~Copyable {
  /// The value, while nobody else has it.
  ///
  /// No call that blocks, and none of a user's code, belongs into its use.
  @inlinable
  package var value: Value {
    @inline(__always)
    _read {
      acquire()
      defer { release() }
      yield unsafe memory.pointee.value
    }
    @inline(__always)
    nonmutating _modify {
      acquire()
      defer { release() }
      yield unsafe &memory.pointee.value
    }
  }

  @inlinable
  @inline(__always)
  internal func acquire() {
    let (exchanged, _) = unsafe memory.pointee.lock.compareExchange(
      expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
    if !exchanged { acquireSlowly() }
  }

  @inlinable
  @inline(__always)
  internal func release() {
    if unsafe memory.pointee.lock.exchange(0, ordering: .releasing) == 2 { wakeNext() }
  }

  /// Spins for about as long as a critical section takes, then sleeps.
  @usableFromInline
  @inline(never)
  internal func acquireSlowly() {
    for _ in 0..<100 {
      amy_pause()
      if unsafe memory.pointee.lock.load(ordering: .relaxed) != 0 { continue }
      let (exchanged, _) = unsafe memory.pointee.lock.compareExchange(
        expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return }
    }
    // Whoever has slept once leaves a 2, since others may sleep as well: at worst one wakes for nothing.
    while unsafe memory.pointee.lock.exchange(2, ordering: .acquiring) != 0 {
      amy_address_wait(lockAddress, 2, .max)
    }
  }

  @usableFromInline
  @inline(never)
  internal func wakeNext() {
    amy_address_wake(lockAddress, false)
  }
}

extension Guarded where Value: ~Copyable {
  /// A number for what has been announced: take it in a critical section that found nothing, and sleep on it after.
  package var announcement: UInt32 {
    unsafe memory.pointee.changes.load(ordering: .relaxed)
  }

  /// Sleeps until something is announced that was not yet when the number was taken, or until a time; may return for nothing.
  package func sleep(since announcement: UInt32, until deadline: UInt64) {
    amy_address_wait(changesAddress, announcement, deadline)
  }

  /// Ends the sleep of one, or all, after a critical section that has made something to find.
  package func announce(toAll: Bool) {
    unsafe memory.pointee.changes.add(1, ordering: .releasing)
    amy_address_wake(changesAddress, toAll)
  }

  // A frozen struct begins with its first field, and the second follows it.
  private var lockAddress: UInt {
    unsafe UInt(bitPattern: memory)
  }

  private var changesAddress: UInt {
    lockAddress + UInt(MemoryLayout<Atomic<UInt32>>.stride)
  }
}
