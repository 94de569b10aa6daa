internal import CAmy
public import Synchronization

/// A value behind a lock: each access to it is a critical section, and short.
///
/// ```swift
/// ready.locked.append(source)
/// ```
///
/// A word that is changed by compare and exchange, and a sleep until that word changes (futex(2)) only where another thread
/// holds it. Why not `Mutex`: `Documentation/decisions/0014-a-lock-of-our-own.md`.
///
/// A class: of a struct's accessor that changes ThreadSanitizer believes that it changes the struct, before the lock is taken.
@safe
@usableFromInline
package final class FutexMutex<Value: ~Copyable> {
  // The first two in this order: the kernel is told their addresses.
  /// 0 free, 1 held, 2 held and slept for.
  @usableFromInline
  internal let lock = Atomic<UInt32>(0)
  /// Counted up by each ``notify(all:)``.
  @usableFromInline
  internal let changes = Atomic<UInt32>(0)
  /// Not in the object itself, where each access would be checked for being the only one, which the lock sees to.
  @usableFromInline
  internal let value: UnsafeMutablePointer<Value>

  /// Allocates twice.
  @inlinable
  package init(_ value: consuming Value) {
    unsafe self.value = .allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
  }

  /// What is held when it goes is held by a thread that did not come along into this forked child, and may be half changed: it
  /// is left alone.
  @inlinable
  deinit {
    if lock.load(ordering: .relaxed) != 0 { return }
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  /// The value, while nobody else has it: the lock is held for as long as the call lasts that this is written before.
  ///
  /// No call that blocks, and none of a user's code, belongs there.
  @inlinable
  package var locked: Value {
    @inline(__always)
    _read {
      acquire()
      defer { if lock.exchange(0, ordering: .releasing) == 2 { wakeNext() } }
      yield unsafe value.pointee
    }
    @inline(__always)
    _modify {
      let (exchanged, _) = lock.compareExchange(
        expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
      if !exchanged { acquire() }
      defer { if lock.exchange(0, ordering: .releasing) == 2 { wakeNext() } }
      yield unsafe &value.pointee
    }
  }

  /// Spins for about as long as a critical section takes, then sleeps.
  @usableFromInline
  @inline(never)
  internal func acquire() {
    for _ in 0..<100 {
      amy_pause()
      if lock.load(ordering: .relaxed) != 0 { continue }
      let (exchanged, _) = lock.compareExchange(
        expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return }
    }
    // Whoever has slept once leaves a 2, since others may sleep as well: at worst one wakes for nothing.
    while lock.exchange(2, ordering: .acquiring) != 0 {
      amy_address_wait(address, 2, .max)
    }
  }

  @usableFromInline
  @inline(never)
  internal func wakeNext() {
    amy_address_wake(address, false)
  }

  // MARK: Waiting for a change

  /// A number for what has been announced: take it in a critical section that found nothing, and sleep on it after.
  package var eventCount: UInt32 {
    changes.load(ordering: .relaxed)
  }

  /// Sleeps until something is announced that was not yet when the number was taken, or until a time; may return for nothing.
  package func sleep(since eventCount: UInt32, until deadline: UInt64) {
    amy_address_wait(changesAddress, eventCount, deadline)
  }

  /// Ends the sleep of one, or all, after a critical section that has made something to find.
  @usableFromInline
  package func notify(all: Bool) {
    changes.add(1, ordering: .releasing)
    amy_address_wake(changesAddress, all)
  }

  /// Where the first property of an object is: behind two words of the runtime's.
  private var address: UInt {
    unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) + UInt(2 * MemoryLayout<UInt>.size)
  }
  private var changesAddress: UInt { address + UInt(MemoryLayout<Atomic<UInt32>>.stride) }
}

// The lock is what makes it so: nothing reaches the value but through it.
extension FutexMutex: @unchecked Sendable where Value: Sendable & ~Copyable {}
