internal import CAmy
public import Synchronization

/// A value behind a lock: a critical section is a closure, and short.
///
/// ```swift
/// news.withLock { $0.append(source) }
/// ```
///
/// A word that is changed by compare and exchange, and a sleep until that word changes (futex(2)) only where another thread
/// holds it. Why not `Mutex`: `Documentation/decisions/0014-a-lock-of-our-own.md`.
///
/// All of it is in memory of its own, so that the words have an address that the kernel can be told.
@safe
@frozen
@usableFromInline
package struct Guarded<Value: ~Copyable>: ~Copyable {
  @frozen
  @usableFromInline
  internal struct Words: ~Copyable {
    /// 0 free, 1 held, 2 held and slept for.
    @usableFromInline
    internal let lock = Atomic<UInt32>(0)
    /// Counted up by each announcement.
    @usableFromInline
    internal let changes = Atomic<UInt32>(0)

    @inlinable
    internal init() {}
  }

  @usableFromInline
  internal let words: UnsafeMutablePointer<Words>

  /// Allocates once.
  @inlinable
  package init(_ value: consuming Value) {
    let offset = Self.offset
    let memory = UnsafeMutableRawPointer.allocate(byteCount: offset + MemoryLayout<Value>.size, alignment: offset)
    unsafe words = memory.bindMemory(to: Words.self, capacity: 1)
    unsafe words.initialize(to: Words())
    unsafe (memory + offset).bindMemory(to: Value.self, capacity: 1).initialize(to: value)
  }

  /// What is held when it goes is held by a thread that did not come along into this forked child, and may be half changed: it
  /// is left alone.
  @inlinable
  deinit {
    if unsafe words.pointee.lock.load(ordering: .relaxed) != 0 { return }
    unsafe value.deinitialize(count: 1)
    unsafe words.deinitialize(count: 1)
    unsafe words.deallocate()
  }

  /// Where the value is, after the words.
  @inlinable
  internal static var offset: Int { max(MemoryLayout<Words>.size, MemoryLayout<Value>.alignment) }

  @inlinable
  internal var value: UnsafeMutablePointer<Value> {
    unsafe (UnsafeMutableRawPointer(words) + Self.offset).assumingMemoryBound(to: Value.self)
  }
}

// The lock is what makes it so: nothing reaches the value but through it.
extension Guarded: @unchecked Sendable where Value: Sendable & ~Copyable {}

extension Guarded where Value: ~Copyable {
  /// Calls a closure with the value, while nobody else has it.
  ///
  /// No call that blocks, and none of a user's code, belongs into it.
  @inlinable
  @inline(__always)
  package func withLock<Result: ~Copyable>(_ body: (inout Value) -> Result) -> Result {
    acquire()
    defer { release() }
    return unsafe body(&value.pointee)
  }

  /// The same with something that goes into it, since a closure cannot consume what it captures.
  @inlinable
  @inline(__always)
  package func withLock<Argument: ~Copyable, Result: ~Copyable>(
    _ argument: consuming Argument, _ body: (inout Value, consuming Argument) -> Result
  ) -> Result {
    acquire()
    defer { release() }
    return unsafe body(&value.pointee, argument)
  }

  @inlinable
  @inline(__always)
  internal func acquire() {
    let (exchanged, _) = unsafe words.pointee.lock.compareExchange(
      expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
    if !exchanged { acquireSlowly() }
  }

  @inlinable
  @inline(__always)
  internal func release() {
    if unsafe words.pointee.lock.exchange(0, ordering: .releasing) == 2 { wakeNext() }
  }

  /// Spins for about as long as a critical section takes, then sleeps.
  @usableFromInline
  @inline(never)
  internal func acquireSlowly() {
    for _ in 0..<100 {
      amy_pause()
      if unsafe words.pointee.lock.load(ordering: .relaxed) != 0 { continue }
      let (exchanged, _) = unsafe words.pointee.lock.compareExchange(
        expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return }
    }
    // Whoever has slept once leaves a 2, since others may sleep as well: at worst one wakes for nothing.
    while unsafe words.pointee.lock.exchange(2, ordering: .acquiring) != 0 {
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
    unsafe words.pointee.changes.load(ordering: .relaxed)
  }

  /// Sleeps until something is announced that was not yet when the number was taken, or until a time; may return for nothing.
  package func sleep(since announcement: UInt32, until deadline: UInt64) {
    amy_address_wait(changesAddress, announcement, deadline)
  }

  /// Ends the sleep of one, or all, after a critical section that has made something to find.
  package func announce(toAll: Bool) {
    unsafe words.pointee.changes.add(1, ordering: .releasing)
    amy_address_wake(changesAddress, toAll)
  }

  // A frozen struct begins with its first field, and the second follows it.
  private var lockAddress: UInt {
    unsafe UInt(bitPattern: words)
  }

  private var changesAddress: UInt {
    lockAddress + UInt(MemoryLayout<Atomic<UInt32>>.stride)
  }
}
