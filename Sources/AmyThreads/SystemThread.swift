internal import CAmyThreads
internal import Synchronization

/// A thread of the system's, for tests and for the program: pthreads(7).
///
/// ```swift
/// let thread = Thread.spawn("worker") { work() }
/// let result = thread.join()
/// ```
///
/// A body that throws says so with its type, and then `join` throws it: `{ () throws(PollerError) in ... }`.
package final class Thread<Value: Sendable, Failure: Error>: Sendable {
  /// The thread, until somebody has joined it.
  private let thread: Mutex<UInt?>
  private let outcome: Outcome<Value, Failure>

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - name: For `ps -L`, debuggers and logs; the kernel keeps 15 bytes of it.
  ///   - body: Runs on the thread. What it captures goes with it.
  ///
  /// - Throws: ``ThreadError`` when the system gives none: there are too many (`EAGAIN`), or there is no memory.
  package init(
    named name: String, _ body: sending @escaping () throws(Failure) -> Value
  ) throws(ThreadError) {
    let outcome = Outcome<Value, Failure>()
    let job = Job {
      do throws(Failure) {
        let value = try body()
        outcome.result.withLock { $0 = .success(value) }
      } catch {
        outcome.result.withLock { $0 = .failure(error) }
      }
    }
    thread = Mutex(try job.start(name))
    self.outcome = outcome
  }

  deinit {
    // Nobody wants its result: it goes on by itself.
    thread.withLock { if let thread = $0 { amy_thread_detach(thread) } }
  }

  /// Starts a thread, and ends the process where the system gives none: for tests, which cannot do without.
  package static func spawn(_ name: String, _ body: sending @escaping () throws(Failure) -> Value) -> Thread {
    do throws(ThreadError) {
      return try Thread(named: name, body)
    } catch {
      preconditionFailure(error.description)
    }
  }

  /// Waits until the body has returned, and gives its value, or throws its error.
  ///
  /// As often as you like, from any thread.
  @discardableResult
  package func join() throws(Failure) -> Value {
    thread.withLock { thread in
      if let running = thread.take() { amy_thread_join(running) }
    }
    guard let result = outcome.result.withLock({ $0 }) else {
      preconditionFailure("a thread ended without having returned from its body")
    }
    return try result.get()
  }
}

/// Why there is no thread.
package struct ThreadError: Error, CustomStringConvertible {
  /// The system's error number.
  package let number: Int32

  /// What to do about it.
  package var description: String {
    "the system starts no more threads (error \(number)): use fewer, or raise the limit (ulimit -u; in a container, pids.max)"
  }
}

/// Where a thread leaves its result, for whoever joins it.
private final class Outcome<Value: Sendable, Failure: Error>: Sendable {
  let result = Mutex<Result<Value, Failure>?>(nil)
}

/// What a thread is to do: kept alive by a reference that goes through C as a pointer, and which the thread takes over.
private final class Job {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) {
    self.body = body
  }

  func start(_ name: String) throws(ThreadError) -> UInt {
    var thread: UInt = 0
    let reference = unsafe Unmanaged.passRetained(self)
    let run: amy_thread_body = { context in
      guard let context = unsafe context else { return }
      unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
    }
    let result = unsafe amy_thread_start(name, run, reference.toOpaque(), &thread)
    guard result == 0 else {
      unsafe reference.release()
      throw ThreadError(number: -result)
    }
    return thread
  }
}
