internal import Amy
internal import CAmyThreads

/// What the thread that asks may say of itself, the main thread included: Linux alone, elsewhere each call throws
/// ``SystemThreadError/Code/unsupported``.
///
/// A thread that a ``SystemThread`` starts has these from its creator, unless it is told others.
public enum CurrentThread {
  /// The processors that this thread may run on: sched_getaffinity(2).
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

  /// Lets this thread run on these processors alone: sched_setaffinity(2).
  ///
  /// All of them, or an error and no change: Linux alone would take those that there are. Three system calls, and a
  /// fourth where it is refused.
  ///
  /// - Throws: ``SystemThreadError/Code/processorNotAvailable`` (`EINVAL`) for no processor at all, or for one that does not
  ///   exist, is offline, or is kept from this process (a container's cpuset); ``SystemThreadError/Code/unsupported``
  ///   (`ENOSYS`, `EPERM`).
  public static func setProcessors(_ processors: Set<Int>) throws(SystemThreadError) {
    let set = try ProcessorSet(processors)
    let result = unsafe amy_thread_set_processors(set.words, Int32(amy_processor_words))
    if result != 0 { throw SystemThreadError(result: result, of: amy_thread_step_processors) }
  }

  /// How much later than asked the kernel may end this thread's waits, to end several at once: prctl(2), `PR_GET_TIMERSLACK`.
  ///
  /// One system call. 50 µs mostly; zero for a thread of a real-time policy.
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
  /// A nanosecond at least and 2 s at most: what is outside counts as these. One system call. A thread of a real-time policy
  /// has none, whatever it sets.
  ///
  /// - Throws: ``SystemThreadError/Code/unsupported`` (`ENOSYS`, `EPERM`).
  public static func setTimerSlack(_ slack: Duration) throws(SystemThreadError) {
    let result = amy_thread_set_timer_slack(nanoseconds(slack))
    if result != 0 { throw SystemThreadError(result: result, of: amy_thread_step_timer_slack) }
  }

  /// As the kernel takes it: zero would mean the thread's first slack, and what is read comes back in 31 bits.
  internal static func nanoseconds(_ slack: Duration) -> UInt64 {
    min(max(slack.nanoseconds, 1), 2_000_000_000)
  }
}
