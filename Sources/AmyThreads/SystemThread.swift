public import Amy
internal import CAmyThreads

/// A thread of the system's, with a name, its own signal mask, and, on Linux, its processors and its timer slack: pthreads(7).
///
/// ```swift
/// let worker = try SystemThread(named: "worker", blocking: .all) { () throws(PollerError) in
///   try serve(poller)
/// }
/// try worker.join()
/// ```
///
/// A poller waits on a thread of its caller's, and Amy starts none by itself: so this is where your threads come from. Where
/// Foundation is at hand its `Thread` does as well, but says nothing of signals and is not joined.
///
/// A body that throws says so with its type, as above, and `join` throws the error. A thread is joined or detached exactly
/// once: by the first ``join()``, or when the last reference goes; then it runs on by itself, and its result is dropped.
/// `_ = try SystemThread(...)` starts a thread that nobody waits for.
///
/// Any thread may use it. Nothing of it works in a forked child, which has the thread that forked and no other: do not join
/// there.
public final class SystemThread<Value: Sendable, Failure: Error>: Sendable {
  /// The thread, until somebody has joined it.
  ///
  /// Others who join wait for the lock meanwhile: so it is one that ThreadSanitizer understands.
  private let unjoined: Monitor<UInt?>
  private let thread: UInt
  private let outcome: Monitor<Result<Value, Failure>?>

  /// Starts a thread: pthread_create(3).
  ///
  /// What is nil the thread has from the one that starts it. With `blocking` no signal meets the thread before it has its mask:
  /// three calls of pthread_sigmask(3). With `processors` or `timerSlack` the new thread sets them for itself, and this call
  /// waits until it has: so a refusal is thrown here, and the body does not run. The thread's stack has the size that
  /// the system gives (ulimit -s).
  ///
  /// - Parameters:
  ///   - name: For `ps -L`, debuggers and logs. Linux keeps the first 15 bytes, without cutting a character; other systems
  ///     likewise; NetBSD none.
  ///   - signals: The signals that the thread blocks: these and no others, see ``Signals``. `.all` is for threads that are
  ///     to take none.
  ///   - processors: The processors that it may run on, by their numbers, as in ``CurrentThread/processors``: Linux alone,
  ///     sched_setaffinity(2).
  ///   - timerSlack: How much later than asked the kernel may end its waits, to end several at once: at least a nanosecond, at
  ///     most 2 s; Linux alone, prctl(2), `PR_SET_TIMERSLACK`. A new thread of a process mostly has 50 µs.
  ///   - body: Runs on the thread. What it captures goes with it.
  ///
  /// - Throws: ``SystemThreadError/Code/threadLimit`` (`EAGAIN`), ``SystemThreadError/Code/outOfMemory`` (`ENOMEM`),
  ///   ``SystemThreadError/Code/processorNotAvailable`` (`EINVAL`), ``SystemThreadError/Code/unsupported`` (`ENOSYS`, `EPERM`).
  public init(
    named name: String,
    blocking signals: Signals? = nil,
    processors: Set<Int>? = nil,
    timerSlack: Duration? = nil,
    _ body: sending @escaping () throws(Failure) -> Value
  ) throws(SystemThreadError) {
    let outcome = Monitor<Result<Value, Failure>?>(nil)
    let job = Job {
      do throws(Failure) {
        let value = try body()
        outcome.withLock { $0 = .success(value) }
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
    }
    thread = try job.start(name, signals, try processors.map(ProcessorSet.init), timerSlack)
    unjoined = Monitor(thread)
    self.outcome = outcome
  }

  deinit {
    // Nobody wants its result: it goes on by itself.
    unjoined.withLock { if let thread = $0 { amy_thread_detach(thread) } }
  }

  /// Waits until the body has returned, and gives its value, or throws its error: pthread_join(3).
  ///
  /// As often as you like, from any thread; once it has been joined it makes no system call. A thread that joins itself would
  /// wait for ever: that is a bug, and traps. So does the join of a body that ended its thread by pthread_exit(3).
  @discardableResult
  public func join() throws(Failure) -> Value {
    // While it has no result its number is nobody else's.
    let runs = outcome.withLock { $0 == nil }
    precondition(!(runs && amy_thread_is_self(thread)), "a thread cannot join itself")
    unjoined.withLock { if let thread = $0.take() { amy_thread_join(thread) } }
    guard let result = outcome.withLock({ $0 }) else {
      preconditionFailure("a thread ended without having returned from its body")
    }
    return try result.get()
  }
}

/// What a thread is to do: kept alive by a reference that goes through C as a pointer, and which the thread takes over.
private final class Job {
  private let body: () -> Void

  init(_ body: @escaping () -> Void) {
    self.body = body
  }

  func start(
    _ name: String, _ signals: Signals?, _ processors: ProcessorSet?, _ timerSlack: Duration?
  ) throws(SystemThreadError) -> UInt {
    let settings = amy_thread_settings(
      sets_mask: signals != nil, mask: signals?.rawValue ?? 0, processor_words: Int32(processors?.words.count ?? 0),
      timer_slack: timerSlack.map(CurrentThread.nanoseconds) ?? 0)
    let reference = unsafe Unmanaged.passRetained(self)
    let run: amy_thread_body = { context in
      guard let context = unsafe context else { return }
      unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
    }
    let started = unsafe amy_thread_start(name, run, reference.toOpaque(), settings, processors?.words ?? [])
    guard started.error == 0 else {
      unsafe reference.release()
      throw SystemThreadError(result: started.error, of: started.step)
    }
    return started.thread
  }
}
