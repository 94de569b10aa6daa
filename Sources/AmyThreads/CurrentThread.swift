internal import Amy
internal import CAmyThreads

/// The scheduling of the calling thread, the main thread included.
///
/// Linux only: elsewhere each call throws ``SystemThreadError/Code/unsupported``. A ``SystemThread`` inherits these settings
/// from its creator, unless it gets others.
public enum CurrentThread {
  /// The processors on which this thread may run: sched_getaffinity(2).
  ///
  /// One system call.
  ///
  /// - Throws: ``SystemThreadError/Code/unsupported`` (`ENOSYS`, `EPERM`).
  public static var processors: Set<Int> {
    get throws(SystemThreadError) {
      var set = ProcessorSet()
      let result = unsafe amy_thread_processors(&set.words, Int32(amy_processor_words))
      if result != 0 { throw SystemThreadError(result: result, of: amy_thread_step_processors) }
      return set.processors
    }
  }

  /// Restricts this thread to these processors: sched_setaffinity(2).
  ///
  /// Sets all of them, or throws and changes nothing: Linux would ignore those that do not exist. Three system calls, and a
  /// fourth to restore the old set where the kernel took only some.
  ///
  /// - Throws: ``SystemThreadError/Code/processorNotAvailable`` (`EINVAL`) for the empty set, or a processor that does not
  ///   exist, is offline, or is kept from this process (a container's cpuset); ``SystemThreadError/Code/unsupported``
  ///   (`ENOSYS`, `EPERM`).
  public static func setProcessors(_ processors: Set<Int>) throws(SystemThreadError) {
    let set = try ProcessorSet(processors)
    let result = unsafe amy_thread_set_processors(set.words, Int32(amy_processor_words))
    if result != 0 { throw SystemThreadError(result: result, of: amy_thread_step_processors) }
  }

  /// How much later than asked the kernel may end this thread's waits, to end several at once: prctl(2), `PR_GET_TIMERSLACK`.
  ///
  /// One system call. Mostly 50 µs; zero with a real-time policy.
  ///
  /// - Throws: ``SystemThreadError/Code/unsupported`` (`ENOSYS`, `EPERM`).
  public static var timerSlack: Duration {
    get throws(SystemThreadError) {
      let slack = amy_thread_timer_slack()
      if slack < 0 { throw SystemThreadError(result: Int32(clamping: slack), of: amy_thread_step_timer_slack) }
      return .nanoseconds(slack)
    }
  }

  /// Sets how much later the kernel may end this thread's waits: prctl(2), `PR_SET_TIMERSLACK`.
  ///
  /// Clamped to a nanosecond and 2 s. One system call. With a real-time policy a thread has no slack, whatever it sets.
  ///
  /// - Throws: ``SystemThreadError/Code/unsupported`` (`ENOSYS`, `EPERM`).
  public static func setTimerSlack(_ slack: Duration) throws(SystemThreadError) {
    let result = amy_thread_set_timer_slack(nanoseconds(slack))
    if result != 0 { throw SystemThreadError(result: result, of: amy_thread_step_timer_slack) }
  }

  /// Zero would restore the thread's first slack, and reading returns 31 bits.
  internal static func nanoseconds(_ slack: Duration) -> UInt64 {
    min(max(slack.nanoseconds, 1), 2_000_000_000)
  }
}
