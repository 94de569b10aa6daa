internal import CAmy
public import Synchronization

/// A value behind a lock: each access is a critical section, and must be short.
///
/// ```swift
/// ready.locked.append(source)
/// ```
///
/// The lock is a word changed by compare and exchange; a thread sleeps on it (futex(2)) only if another holds it. Why not
/// `Mutex`: `Documentation/decisions/0014-a-lock-of-our-own.md`.
///
/// A class: ThreadSanitizer assumes that a struct's mutating accessor changes the struct before it takes the lock.
@safe
@usableFromInline
package final class FutexMutex<Value: ~Copyable> {
  // These two come first, in this order: the kernel gets their addresses.
  /// 0 free, 1 held, 2 held while others may sleep.
  @usableFromInline
  internal let lock = Atomic<UInt32>(0)
  /// Incremented by each ``notify(all:)``.
  @usableFromInline
  internal let changes = Atomic<UInt32>(0)
  /// Not in the object, where each access would be checked for exclusivity, which the lock ensures.
  @usableFromInline
  internal let value: UnsafeMutablePointer<Value>

  /// Allocates twice.
  @inlinable
  package init(_ value: consuming Value) {
    unsafe self.value = .allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
  }

  /// Leaves the value alone if the lock is held: its holder does not exist in this forked child, and the value may be half
  /// changed.
  @inlinable
  deinit {
    if lock.load(ordering: .relaxed) != 0 { return }
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  /// The value, with the lock held for the call that is made on it.
  ///
  /// Make no blocking call there, and run no user code.
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

  /// Spins for about as long as a critical section, then sleeps.
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
    // A thread that has slept leaves a 2, since others may sleep too: at worst one wakes spuriously.
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

  /// Read it in a critical section that found nothing, then sleep on it.
  package var eventCount: UInt32 {
    changes.load(ordering: .relaxed)
  }

  /// May return spuriously.
  package func sleep(since eventCount: UInt32, until deadline: UInt64) {
    amy_address_wait(changesAddress, eventCount, deadline)
  }

  /// Call it after a critical section that left something to find.
  @usableFromInline
  package func notify(all: Bool) {
    changes.add(1, ordering: .releasing)
    amy_address_wake(changesAddress, all)
  }

  /// The first property's, after two words of the runtime's.
  private var address: UInt {
    unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) + UInt(2 * MemoryLayout<UInt>.size)
  }
  private var changesAddress: UInt { address + UInt(MemoryLayout<Atomic<UInt32>>.stride) }
}

// The lock makes it Sendable: the value is reached only through it.
extension FutexMutex: @unchecked Sendable where Value: Sendable & ~Copyable {}
