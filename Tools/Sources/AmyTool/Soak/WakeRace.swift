internal import Amy
internal import AmyThreads
internal import Synchronization

/// A thread falls asleep repeatedly, and another wakes it at that moment.
///
/// A wake-up can be lost only between the last check for something to report and sleep: a few nanoseconds. So the sleeper
/// signals the waker before it sets out, and is met at a different step each time.
final class WakeRace: SoakPart {
  let name = "wakes"
  let workers: Workers
  private let met = Counter("times woken")
  private let poller: Poller
  private let letters: (sender: Sender<Int>, receiver: Receiver<Int>)
  private let waker: UserEvent
  /// How often the sleeper set out.
  private let setOut = Atomic(0)

  init(_ workers: Workers) throws(PollerError) {
    self.workers = workers
    poller = try Poller()
    letters = try poller.registrar.makeChannel(of: Int.self)
    waker = try poller.registrar.makeUserEvent()
  }

  var counters: [Counter] { [met] }

  func start() throws {
    try workers.waiters.start("sleeper") { (_) throws(PollerError) in
      var rng = SeededRNG(self.workers.seed, "sleeper")
      var events = EventBuffer(capacity: 4)
      while true {
        let delay = UInt64(rng.roll(0...400))
        self.setOut.add(1, ordering: .releasing)
        // The waker takes some hundred nanoseconds to see it and act.
        let begin = MonotonicClock.now
        while MonotonicClock.now - begin < delay {}
        try self.poller.wait(into: &events)
        _ = self.letters.receiver.tryReceive()
      }
    }
    try workers.active.start("waker") { (_) throws(PollerError) in try self.wake() }
  }

  var whereabouts: String { "a thread that was about to sleep was not woken by an event in between" }

  func close() {
    workers.active.join()
    poller.close()
    workers.waiters.join()
  }

  private func wake() throws(PollerError) {
    var rng = SeededRNG(workers.seed, "wakes")
    let sleep = try CheckedSleep(workers.violations)
    var turn = 1
    while !workers.violations.isOver {
      for _ in 0..<1_000 {
        meet(turn, sleep)
        switch rng.roll(0...7) {
        case 0: try poller.wake()
        case 1: _ = try poller.registrar.scheduleTimer(after: .zero)
        case 2, 3: try waker.trigger()
        default: _ = letters.sender.send(turn)
        }
        turn += 1
        met.add()
      }
      sleep.rest(.milliseconds(rng.roll(0...5)))
    }
    meet(turn, sleep)
  }

  /// Waits until the sleeper sets out again, awake for the time that this takes if no wake-up is lost.
  private func meet(_ turn: Int, _ sleep: CheckedSleep) {
    let begin = MonotonicClock.now
    while setOut.load(ordering: .acquiring) < turn {
      if MonotonicClock.now - begin > 200_000 { sleep.rest(.microseconds(100)) }
    }
    let count = setOut.load(ordering: .acquiring)
    if count > turn { violation("\(turn - 1) wake-ups ended \(count - 1) waits") }
  }
}
