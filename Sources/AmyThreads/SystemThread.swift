public import Amy
internal import CAmyThreads

/// A system thread with a name, a signal mask, and, on Linux, its processors and its timer slack: pthreads(7).
///
/// ```swift
/// let worker = try SystemThread(named: "worker", blocking: .all) { () throws(PollerError) in
///   try serve(poller)
/// }
/// try worker.join()
/// ```
///
/// A poller waits on its caller's thread, and Amy starts none: this type starts yours. Foundation's `Thread` works as well, but
/// sets no signal mask and cannot be joined.
///
/// A body that throws states its error's type, as above, and `join` throws the error. A thread is joined once, by the first
/// ``join()``, or detached when the last reference is released: then it runs on, and its result is dropped.
/// `_ = try SystemThread(...)` starts a detached thread.
///
/// Any thread may use it. In a forked child, which has only the thread that forked, nothing of it works: do not join there.
public final class SystemThread<Value: Sendable, Failure: Error>: Sendable {
  /// The thread, until it is joined.
  ///
  /// Threads that join wait for this lock, so it is one that ThreadSanitizer understands.
  private let unjoined: Monitor<UInt?>
  private let thread: UInt
  private let outcome: Monitor<Result<Value, Failure>?>

  /// Starts a thread: pthread_create(3).
  ///
  /// A setting that is nil is inherited from the starting thread. With `blocking` no signal reaches the thread before it has
  /// its mask: three calls of pthread_sigmask(3). With `processors` or `timerSlack` this call waits until the new thread has
  /// set them for itself: a refusal is thrown here, and the body does not run. The system gives the size of the stack
  /// (ulimit -s).
  ///
  /// - Parameters:
  ///   - name: For `ps -L`, debuggers and logs. Linux keeps the first 15 bytes, without cutting a character; other systems
  ///     likewise; NetBSD none.
  ///   - signals: The signals that the thread blocks, and no others: see ``Signals``. `.all` is for threads that should take
  ///     none.
  ///   - processors: Where the thread may run, as in ``CurrentThread/processors``: Linux only, sched_setaffinity(2).
  ///   - timerSlack: How much later than asked the kernel may end its waits, to end several at once: at least a nanosecond, at
  ///     most 2 s; Linux only, prctl(2), `PR_SET_TIMERSLACK`. A new thread mostly has 50 µs.
  ///   - body: Runs on the thread, which takes over its captures.
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
    // No reference is left to read the result: the thread runs on.
    unjoined.withLock { if let thread = $0 { amy_thread_detach(thread) } }
  }

  /// Waits until the body has returned, and returns its value, or throws its error: pthread_join(3).
  ///
  /// Any thread may call it, any number of times; once joined, it makes no system call. It traps on the thread itself, which
  /// would wait for ever, and if the body ended its thread by pthread_exit(3).
  @discardableResult
  public func join() throws(Failure) -> Value {
    // While the thread has no result, no other thread has its number.
    let runs = outcome.withLock { $0 == nil }
    precondition(!(runs && amy_thread_is_self(thread)), "a thread cannot join itself")
    unjoined.withLock { if let thread = $0.take() { amy_thread_join(thread) } }
    guard let result = outcome.withLock({ $0 }) else {
      preconditionFailure("a thread ended without having returned from its body")
    }
    return try result.get()
  }
}

/// A thread's work; the thread takes over the reference that keeps it alive, which passes through C as a pointer.
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
