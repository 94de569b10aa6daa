import Amy
import Glibc
import Support
import Synchronization

/// Bursts to a poller whose thread really sleeps, and checks again after the last of a burst.
final class Asleep: Sendable {
  private let poller: Poller
  private let sent = Atomic<Int>(0)
  private let heard = Atomic<Int>(0)
  /// Of the waiting thread's status file, or -1.
  private let status = Atomic<CInt>(-1)

  init() throws {
    poller = try Poller()
  }

  func run(rounds: Int, size: Int) throws {
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    let thread = Thread { [self] in
      status.store(open("/proc/thread-self/stat", O_RDONLY), ordering: .releasing)
      var events = EventBuffer()
      for round in 1...rounds {
        while events.isEmpty { try? poller.wait(into: &events) }
        while sent.load(ordering: .acquiring) < round { sched_yield() }
        receiver.receiveAll { _ in }
        try? poller.wait(into: &events, timeout: .zero)
        heard.store(round, ordering: .releasing)
      }
    }
    for round in 1...rounds {
      waitForSleep(after: round - 1)
      for number in 0..<size { _ = sender.send(number) }
      sent.store(round, ordering: .releasing)
    }
    thread.join()
  }

  /// Waits until the other thread is done with a round and asleep.
  private func waitForSleep(after round: Int) {
    while heard.load(ordering: .acquiring) < round || status.load(ordering: .acquiring) < 0 { sched_yield() }
    var text = [UInt8](repeating: 0, count: 256)
    while true {
      let count = max(0, pread(status.load(ordering: .relaxed), &text, text.count, 0))
      // Behind the name in parentheses.
      if let end = text[..<count].lastIndex(of: UInt8(ascii: ")")), text[end + 2] == UInt8(ascii: "S") { return }
      sched_yield()
    }
  }
}
