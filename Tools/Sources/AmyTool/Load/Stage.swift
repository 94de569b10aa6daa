internal import AmyThreads
internal import Synchronization

/// The shared start and stop times of the generator's threads.
///
/// All connections are made before the first request is sent, so that connecting is not measured.
final class Stage: Sendable {
  private struct State {
    var missing: Int
    var begin: UInt64 = 0
    var isCancelled = false
  }

  private let state: Monitor<State>
  private let duration: UInt64
  /// When to stop sending requests; never, until they begin.
  private let stop = Atomic(UInt64.max)

  init(threads: Int, duration: Duration) {
    state = Monitor(State(missing: threads))
    self.duration = UInt64(clamping: duration.attoseconds / 1_000_000_000)
  }

  /// Waits for all threads, and returns when they begin; nil if they must not.
  ///
  /// - Parameter isReady: Whether this thread has what it needs. If one has not, none begins.
  /// - Returns: The start time on the monotonic clock.
  func arrive(isReady: Bool) -> UInt64? {
    state.withLock { state in
      state.missing -= 1
      if !isReady { state.isCancelled = true }
      guard state.missing == 0 else { return }
      state.begin = MonotonicClock.now
      // Unless the load has been cancelled.
      _ = stop.compareExchange(expected: .max, desired: state.begin + duration, ordering: .relaxed)
    }
    state.notifyAll()
    return state.wait { state -> UInt64?? in
      guard state.missing == 0 else { return nil }
      return .some(state.isCancelled ? nil : state.begin)
    }
  }

  /// When the threads began, if they have.
  var begin: UInt64? {
    state.withLock { $0.missing == 0 && !$0.isCancelled ? $0.begin : nil }
  }

  /// The time on the monotonic clock when threads stop sending requests.
  var end: UInt64 { stop.load(ordering: .relaxed) }

  /// Stops now.
  func cancel() {
    stop.store(MonotonicClock.now, ordering: .relaxed)
  }
}
