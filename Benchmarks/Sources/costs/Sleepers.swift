import Amy
import Glibc
import Support
import Synchronization

/// The cost of reaching a sleeper in the poller, counted in the reaching thread.
func sleepers() throws {
  let poller = try Poller()
  let registrar = poller.registrar
  let (sender, receiver) = try registrar.makeChannel(of: Int.self)
  let news = try registrar.makeUserEvent()
  for _ in 0..<3 {
    _ = sender.send(0)
    receiver.receiveAll { _ in }
  }
  let sleeper = Sleeper(poller)
  let threads = [Thread { sleeper.run(0) }, Thread { sleeper.run(1) }]
  sleeper.awaitSleep()
  begin("send to a thread that sleeps", calls: 1)
  _ = sender.send(1)
  end()
  sleeper.awaitSleep()
  receiver.receiveAll { _ in }
  sleeper.awaitSleep()
  begin("trigger a user event for a thread that sleeps", calls: 1)
  try news.trigger()
  end()
  sleeper.awaitSleep()
  begin("set the first alarm of a poller", calls: 3, allocations: nil)
  let first = try registrar.scheduleTimer(after: .seconds(1000))
  end()
  sleeper.awaitSleep()
  begin("set a timer, the earliest, while threads sleep", calls: 1)
  let timer = try registrar.scheduleTimer(after: .seconds(500))
  end()
  begin("set a timer, not the earliest, while threads sleep", calls: 0)
  let late = try registrar.scheduleTimer(after: .seconds(800))
  end()
  begin("cancel a timer while threads sleep", calls: 0)
  registrar.cancel(late)
  end()
  registrar.cancel(timer)
  registrar.cancel(first)
  poller.close()
  threads.forEach { $0.join() }
}

/// Two threads that only wait.
private final class Sleeper: Sendable {
  private let poller: Poller
  private let first = Atomic<CInt>(-1)
  private let second = Atomic<CInt>(-1)

  init(_ poller: Poller) { self.poller = poller }

  func run(_ number: Int) {
    let status = open("/proc/thread-self/stat", O_RDONLY)
    if number == 0 { first.store(status, ordering: .releasing) } else { second.store(status, ordering: .releasing) }
    var events = EventBuffer()
    while (try? poller.wait(into: &events)) != nil {}
  }

  /// Waits until both threads are seen asleep ten times in a row.
  func awaitSleep() {
    var (rounds, text) = (0, [UInt8](repeating: 0, count: 256))
    while rounds < 10 {
      rounds += 1
      for status in [first.load(ordering: .acquiring), second.load(ordering: .acquiring)] {
        let count = status < 0 ? 0 : max(0, pread(status, &text, text.count, 0))
        guard let end = text[..<count].lastIndex(of: UInt8(ascii: ")")), text[end + 2] == UInt8(ascii: "S") else {
          rounds = 0
          continue
        }
      }
      usleep(1000)
    }
  }
}
