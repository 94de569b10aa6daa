import AmyTestSupport
import AmyThreads
import Testing

@Suite("A monitor", .timeLimit(.minutes(10)))
struct MonitorTests {
  @Test("lets one thread at a time access its value")
  func exclusive() throws {
    let count = Monitor(0)
    let threads = try (0..<4).map { number in
      try SystemThread(named: "adds \(number)") { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
    }
    for thread in threads { thread.join() }
    #expect(count.withLock { $0 } == 40_000)
  }

  @Test("wakes waiting threads: one for each value, and all by notifyAll")
  func waking() throws {
    let queue = Monitor<(values: [Int], isClosed: Bool)>(([], false))
    let sum = Monitor(0)
    let threads = try (0..<3).map { number in
      try SystemThread(named: "takes \(number)") {
        while true {
          let value: Int = queue.wait { $0.values.popLast() ?? ($0.isClosed ? -1 : nil) }
          if value < 0 { return }
          sum.withLock { $0 += value }
          sum.notifyAll()
        }
      }
    }
    for value in 1...100 {
      queue.withLock { $0.values.append(value) }
      queue.notifyOne()
    }
    let _: Bool = sum.wait { $0 == 5050 ? true : nil }
    queue.withLock { $0.isClosed = true }
    queue.notifyAll()
    for thread in threads { thread.join() }
  }

  @Test("checks at once, and does not sleep if there is a result already")
  func already() {
    #expect(Monitor(7).wait { $0 } == 7)
  }

  @Test("unlocks when a closure throws, and throws its error")
  func throwing() {
    struct Refusal: Error {}
    let monitor = Monitor(1)
    #expect(throws: Refusal.self) { try monitor.withLock { (_) throws(Refusal) in throw Refusal() } }
    #expect(monitor.withLock { $0 } == 1)
  }

  @Test("holds a noncopyable value")
  func noncopyable() {
    struct Token: ~Copyable, Sendable {
      var uses = 0
    }
    let monitor = Monitor(Token())
    monitor.withLock { $0.uses += 1 }
    #expect(monitor.withLock { $0.uses } == 1)
  }
}
