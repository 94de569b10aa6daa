internal import Amy
internal import AmyThreads

/// A part of the soak: threads that do something over and over, and know what must come of it.
protocol SoakPart: Sendable {
  var name: String { get }
  var workers: Workers { get }
  /// What was done, for people. While something is to be done, one of them goes up.
  var counters: [Counter] { get }

  /// Starts its threads.
  func start() throws
  /// Looks for what should have happened long ago.
  func inspect(at now: UInt64)
  /// Whether all that was begun is finished, after it was told that it is over.
  var isDone: Bool { get }
  /// What it waits for, if it stands still.
  var whereabouts: String { get }
  /// Ends the threads that wait.
  func close()
}

extension SoakPart {
  func inspect(at now: UInt64) {}
  var isDone: Bool { !workers.active.isRunning }
  var whereabouts: String { "nothing was done" }

  func violation(_ what: String) {
    workers.violations.report(name, what)
  }

  /// All that was done.
  var progress: Int { counters.reduce(0) { $0 + $1.value } }
}

/// The threads of a part, and what they share.
struct Workers: Sendable {
  let violations: ViolationLog
  let seed: UInt64
  /// They begin things, and end by themselves when it is over.
  let active = ThreadGroup()
  /// They wait, until their poller is closed.
  let waiters = ThreadGroup()
  /// Threads that came and went.
  let visitors: Counter

  /// Why a thread ended that should not have.
  var failure: PollerError? { active.failure ?? waiters.failure }

  /// Has threads come one after the other, each of which does something for a while, and goes.
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
