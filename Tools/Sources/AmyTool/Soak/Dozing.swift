internal import Amy
internal import AmyThreads
internal import Synchronization

/// A thread that falls asleep again and again, and another one that wakes it at that very moment.
///
/// Between the last look for news and sleep a wake-up can be lost, and nowhere else. It takes a few nanoseconds to pass through
/// there: so the one tells the other before it sets out, and is met each time at another step of its way.
final class Dozing: SoakPart {
  let name = "dozing"
  let staff: Staff
  private let met = Counter("times woken")
  private let poller: Poller
  private let letters: (sender: Sender<Int>, receiver: Receiver<Int>)
  private let waker: UserEvent
  /// How often the one has set out to sleep.
  private let setOut = Atomic(0)

  init(_ staff: Staff) throws(PollerError) {
    self.staff = staff
    poller = try Poller()
    letters = try poller.registrar.makeChannel(of: Int.self)
    waker = try poller.registrar.makeUserEvent()
  }

  var counters: [Counter] { [met] }

  func start() throws {
    try staff.waiters.hire("sleeper") { (_) throws(PollerError) in
      var dice = Dice(self.staff.seed, "sleeper")
      var events = EventBuffer(capacity: 4)
      while true {
        let delay = UInt64(dice.roll(0...400))
        self.setOut.add(1, ordering: .releasing)
        // The other one takes some hundred nanoseconds to hear of it, and to do something.
        let begin = MonotonicClock.now
        while MonotonicClock.now - begin < delay {}
        try self.poller.wait(into: &events)
        _ = self.letters.receiver.tryReceive()
      }
    }
    try staff.workers.hire("waker") { (_) throws(PollerError) in try self.wake() }
  }

  var whereabouts: String { "a thread that was about to sleep was not woken by what came meanwhile" }

  func close() {
    staff.workers.join()
    poller.close()
    staff.waiters.join()
  }

  private func wake() throws(PollerError) {
    var dice = Dice(staff.seed, "dozing")
    let nap = try Nap(staff.referee)
    var turn = 1
    while !staff.referee.isOver {
      for _ in 0..<1_000 {
        meet(turn, nap)
        switch dice.roll(0...7) {
        case 0: try poller.wake()
        case 1: _ = try poller.registrar.scheduleTimer(after: .zero)
        case 2, 3: try waker.trigger()
        default: _ = letters.sender.send(turn)
        }
        turn += 1
        met.add()
      }
      nap.rest(.milliseconds(dice.roll(0...5)))
    }
    meet(turn, nap)
  }

  /// Waits until the other one sets out again, without sleeping for as long as that may take where it is not lost.
  private func meet(_ turn: Int, _ nap: Nap) {
    let begin = MonotonicClock.now
    while setOut.load(ordering: .acquiring) < turn {
      if MonotonicClock.now - begin > 200_000 { nap.rest(.microseconds(100)) }
    }
    let count = setOut.load(ordering: .acquiring)
    if count > turn { violation("\(turn - 1) wake-ups ended \(count - 1) waits") }
  }
}
