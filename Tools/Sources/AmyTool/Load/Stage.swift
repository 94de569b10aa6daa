internal import AmyThreads
internal import Synchronization

/// The generator's shared start and stop times: all connections exist before the first request, so that connecting is not
/// measured.
final class Stage: Sendable {
  private struct State {
    var missing: Int
    var begin: UInt64 = 0
    var isCancelled = false
  }

  private let state: Monitor<State>
  private let duration: UInt64
  /// When to stop sending; never, before the start.
  private let stop = Atomic(UInt64.max)

  init(threads: Int, duration: Duration) {
    state = Monitor(State(missing: threads))
    self.duration = UInt64(clamping: duration.attoseconds / 1_000_000_000)
  }

  /// Waits for all threads, and returns when they begin; nil if they must not.
  ///
  /// - Parameter isReady: Whether this thread has what it needs: otherwise none begins.
  /// - Returns: The start on the monotonic clock.
  func arrive(isReady: Bool) -> UInt64? {
    state.withLock { state in
      state.missing -= 1
      if !isReady { state.isCancelled = true }
      guard state.missing == 0 else { return }
      state.begin = MonotonicClock.now
      // Unless cancelled.
      _ = stop.compareExchange(expected: .max, desired: state.begin + duration, ordering: .relaxed)
    }
    state.notifyAll()
    return state.wait { state -> UInt64?? in
      guard state.missing == 0 else { return nil }
      return .some(state.isCancelled ? nil : state.begin)
    }
  }

  var begin: UInt64? {
    state.withLock { $0.missing == 0 && !$0.isCancelled ? $0.begin : nil }
  }

  /// The monotonic time to stop sending.
  var end: UInt64 { stop.load(ordering: .relaxed) }

  func cancel() {
    stop.store(MonotonicClock.now, ordering: .relaxed)
  }
}
