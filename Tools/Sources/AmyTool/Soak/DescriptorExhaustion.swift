internal import Amy
internal import AmyThreads

/// At times, briefly limits the process to hardly more descriptors than it has.
///
/// Connects are refused meanwhile. A connection in the kernel's backlog must wait at the server's acceptor, and be accepted
/// afterwards.
final class DescriptorExhaustion: SoakPart {
  let name = "droughts"
  let workers: Workers
  private let droughts = Counter("droughts")
  private let usual = DescriptorLimit.current.soft

  init(_ workers: Workers) {
    self.workers = workers
  }

  var counters: [Counter] { [droughts] }

  func start() throws {
    try workers.active.start("exhaustion") { (_) throws(PollerError) in
      var rng = SeededRNG(self.workers.seed, "exhaustion")
      let sleep = try CheckedSleep(self.workers.violations)
      while !self.workers.violations.isOver {
        sleep.rest(.milliseconds(rng.roll(100...1_500)))
        DescriptorLimit.set(DescriptorLimit.open + rng.roll(0...12))
        sleep.rest(.milliseconds(rng.roll(10...150)))
        DescriptorLimit.set(self.usual)
        self.droughts.add()
      }
    }
  }

  func close() {
    workers.active.join()
  }
}
