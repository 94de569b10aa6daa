internal import CAmyThreads
internal import Synchronization

/// A value behind a lock with a condition: pthread_mutex_lock(3), pthread_cond_wait(3).
///
/// ```swift
/// let queue = Monitor([Int]())
/// queue.withLock { $0.append(1) }  // one thread
/// queue.notifyOne()
/// let item = queue.wait { $0.popLast() }  // another: nil means not yet
/// ```
///
/// For threads that wait for one another. For messages use a channel, which a poller can wait for as well; where nothing waits,
/// Synchronization's `Mutex` is smaller and faster. ThreadSanitizer understands this lock on every system, but on Linux takes a
/// contended `Mutex` for a race.
///
/// Not recursive: a closure that uses its own monitor waits for ever. Do not use it in a forked child, where a lock that
/// another thread held stays locked.
public final class Monitor<State: Sendable & ~Copyable>: Sendable {
  /// Never contended: all of its users hold the condition's lock.
  private let state: Mutex<State>
  private let condition: UInt

  /// A monitor of a value.
  ///
  /// Allocates twice; traps without memory, as the language does.
  public init(_ state: consuming State) {
    self.state = Mutex(state)
    condition = amy_condition_create()
    precondition(condition != 0, "no memory for a lock")
  }

  deinit {
    amy_condition_destroy(condition)
  }

  /// Calls a closure with exclusive access to the value.
  ///
  /// Makes no system call unless another thread holds the lock. Wakes no thread: see ``notifyOne()``.
  public func withLock<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    amy_condition_lock(condition)
    defer { amy_condition_unlock(condition) }
    return try state.withLock { (state) throws(Failure) in try body(&state) }
  }

  /// Wakes one waiting thread: pthread_cond_signal(3).
  ///
  /// Call it after the change, with or without the lock.
  public func notifyOne() {
    amy_condition_signal(condition, false)
  }

  /// Wakes all waiting threads: pthread_cond_broadcast(3).
  public func notifyAll() {
    amy_condition_signal(condition, true)
  }

  /// Calls the closure under the lock until it returns a result, and sleeps between calls until another thread notifies.
  ///
  /// Calls it at least once, and also when nothing has changed: a condition may wake for no reason. A signal's handler runs
  /// meanwhile, and does not end the wait.
  public func wait<Result: Sendable>(for body: (inout State) -> Result?) -> Result {
    amy_condition_lock(condition)
    defer { amy_condition_unlock(condition) }
    while true {
      if let result = state.withLock({ state in body(&state) }) { return result }
      amy_condition_wait(condition)
    }
  }
}
