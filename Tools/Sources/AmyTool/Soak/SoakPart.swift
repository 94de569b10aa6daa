internal import Amy
internal import AmyThreads

/// A part of the soak: threads that repeat something with known results.
protocol SoakPart: Sendable {
  var name: String { get }
  var workers: Workers { get }
  /// For people; with work to do, one increases.
  var counters: [Counter] { get }

  func start() throws
  /// Looks for overdue results.
  func inspect(at now: UInt64)
  /// Whether all is finished, once the soak is over.
  var isDone: Bool { get }
  /// What the part waits for, if it stalls.
  var whereabouts: String { get }
  /// Ends the waiting threads.
  func close()
}

extension SoakPart {
  func inspect(at now: UInt64) {}
  var isDone: Bool { !workers.active.isRunning }
  var whereabouts: String { "nothing was done" }

  func violation(_ what: String) {
    workers.violations.report(name, what)
  }

  var progress: Int { counters.reduce(0) { $0 + $1.value } }
}

/// A part's threads, and their shared state.
struct Workers: Sendable {
  let violations: ViolationLog
  let seed: UInt64
  /// Threads that start things, and end with the soak.
  let active = ThreadGroup()
  /// Threads that wait until their poller is closed.
  let waiters = ThreadGroup()
  let visitors: Counter

  /// The error of a thread that should not have ended.
  var failure: PollerError? { active.failure ?? waiters.failure }

  /// Starts visiting threads one after the other, each for a while.
  func host(
    _ rng: SeededRNG, _ visit: @escaping @Sendable (inout SeededRNG) throws(PollerError) -> Void
  ) throws(SystemThreadError) {
    try active.start("host") { (_) throws(PollerError) in
      var rng = rng
      let sleep = try CheckedSleep(violations)
      while !violations.isOver {
        let rngOfVisitor = SeededRNG(rng.next())
        let visitor = try? SystemThread<Void, PollerError>(named: "visitor") { () throws(PollerError) in
          var rng = rngOfVisitor
          try visit(&rng)
        }
        try visitor?.join()
        visitors.add()
        sleep.rest(rng.duration(upTo: .milliseconds(20)))
      }
    }
  }
}
