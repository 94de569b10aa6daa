import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import SystemPackage
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("A poller", .timeLimit(.minutes(10)))
struct PollerTests {
  @Test("closes what it opened, once: two thousand pollers leave no descriptor behind")
  func leaksNothing() async {
    // Its own process, where nothing else opens descriptors.
    await #expect(processExitsWith: .success) {
      let pair = try UnixStream.pair()
      let near = pair.first
      let before = try Descriptors.count()
      for _ in 0..<2_000 {
        let poller = try Poller()
        _ = try poller.registrar.register(near, for: .none)
      }
      // The runtime may have opened some; a leak would be thousands.
      #expect(try Descriptors.count() < before + 50)
    }
  }

  @Test("has descriptors that close on exec")
  func closesOnExec() async {
    await #expect(processExitsWith: .success) {
      let inherited = Descriptors.inherited()
      let poller = try Poller()
      #expect(Descriptors.closesOnExec(poller.fileDescriptor) == true)
      #expect(Descriptors.inherited() == inherited, "a descriptor of the poller is inherited")
    }
  }

  @Test("is closed when destroyed, while remaining registrars keep its number from being reused")
  func dropping() throws {
    var poller: Poller? = try Poller()
    let registrar = try #require(poller).registrar
    let number = try #require(poller).fileDescriptor
    poller = nil
    #expect(Descriptors.closesOnExec(number) == true, "the number should still be taken")
    #expect(throws: PollerError(.closed)) { try registrar.wake() }
    #expect(throws: PollerError(.closed)) { _ = try registrar.register(FileDescriptor.standardInput, for: .readable) }
  }

  @Test("gives out ids that grow and never repeat, from many threads")
  func ids() throws {
    let registrar = try Poller().registrar
    let threads = (0..<4).map { number in
      SystemThread.spawn("reserver \(number)") { (0..<10_000).map { _ in registrar.reserveID() } }
    }
    let ids = threads.flatMap { thread in
      let mine = thread.join()
      #expect(mine.map(\.rawValue) == mine.map(\.rawValue).sorted())
      return mine
    }
    #expect(Set(ids).count == 40_000)
  }

  @Test("refuses regular files, directories, /dev/null and itself, with one typed error")
  func refusesWhatCannotBePolled() throws {
    let poller = try Poller()
    for path in ["/etc/passwd", "/", "/dev/null"] {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      defer { try? file.close() }
      #expect(throws: PollerError(.notPollable, errno: .notPermitted), "\(path)") {
        _ = try poller.registrar.register(file, for: .readable)
      }
    }
    #expect(throws: PollerError(.notPollable, errno: .invalidArgument)) {
      _ = try poller.registrar.register(poller, for: .readable)
    }
  }

  @Test("refuses to nest in a cycle, or works where the kernel allows it")
  func circles() throws {
    let (first, second) = (try Poller(), try Poller())
    _ = try first.registrar.register(second, for: .readable)
    if let refusal = KernelDifferences.system.circle {
      #expect(throws: refusal) { _ = try second.registrar.register(first, for: .readable) }
    } else {
      _ = try second.registrar.register(first, for: .readable)
    }
    // Either way, no wait hangs, and no event is missed.
    let pair = try UnixStream.pair()
    let id = try second.registrar.register(pair.first, for: .readable)
    _ = try pair.second.write([1])
    var events = EventBuffer()
    try second.wait(into: &events, timeout: .seconds(30))
    #expect(events.array.contains { $0.id == id })
    try first.wait(into: &events, timeout: .zero)
  }

  @Test("a storm of signals makes a wait end neither early nor late")
  func signals() throws {
    let poller = try Poller()
    let target = Monitor<pthread_t?>(nil)
    let over = Tally()
    let before = amy_test_handled()
    let waiter = SystemThread.spawn("waiter") { () -> Result<Duration, any Error> in
      // A pool's thread passes on its mask, with all signals blocked.
      amy_test_handle(SIGURG)
      target.withLock { $0 = pthread_self() }
      defer { over.add(1) }
      return Result {
        var events = EventBuffer()
        let start = SuspendingClock.now
        try poller.wait(into: &events, timeout: .milliseconds(300))
        return SuspendingClock.now - start
      }
    }
    while over.value == 0 {
      if let thread = target.withLock({ $0 }) { pthread_kill(thread, SIGURG) }
      usleep(500)
    }
    let elapsed = try waiter.join().get()
    #expect(amy_test_handled() - before > 10, "the wait should have been interrupted")
    #expect(elapsed >= .milliseconds(300))
    #expect(elapsed < .seconds(30))
  }

  @Test("a wait with events returns them although the poller was closed, and the next one throws")
  func closedWithEvents() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let near = pair.first
    let far = pair.second
    _ = try far.write([1])
    let id = try poller.registrar.register(near, for: .readable, trigger: .edge)
    let waiter = SystemThread.spawn("waiter") { () -> Result<[Event], any Error> in
      Result {
        var events = EventBuffer()
        var all: [Event] = []
        while true {
          do { try poller.wait(into: &events) } catch { return all }
          all += events.array
          poller.close()
        }
      }
    }
    #expect(try waiter.join().get() == [Event(id: id, kind: .ready(.readable))])
  }

  @Test("empties the buffer even when a wait throws")
  func emptiesBuffer() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let near = pair.first
    _ = try poller.registrar.register(near, for: .writable, trigger: .level)
    var events = EventBuffer(capacity: 1)
    try poller.wait(into: &events)
    #expect(events.array.count == 1)
    poller.close()
    #expect(throws: PollerError(.closed)) { try poller.wait(into: &events) }
    #expect(events.array.isEmpty)
  }

  @Test("can be woken through its registrar")
  func registrarWakes() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    let waiter = SystemThread.spawn("waiter") { () -> Result<Int, any Error> in
      Result {
        var events = EventBuffer()
        try poller.wait(into: &events)
        return events.count
      }
    }
    try registrar.wake()
    #expect(try waiter.join().get() == 0)
  }
}

@Suite("An event buffer")
struct EventBufferTests {
  @Test("has a capacity between one and 65,536")
  func capacity() {
    for (asked, given) in [(Int.min, 1), (0, 1), (1, 1), (256, 256), (65_536, 65_536), (65_537, 65_536), (Int.max, 65_536)] {
      let capacity = EventBuffer(capacity: asked).capacity
      #expect(capacity == given)
    }
  }

  @Test("holds events of 16 bytes")
  func size() {
    #expect(MemoryLayout<Event>.stride == 16)
  }

  @Test("iterates its events in order, by position and by closure")
  func order() {
    var buffer = EventBuffer(capacity: 8)
    let events = (0..<8).map { _ in Event(id: .next(), kind: .ready(.readable)) }
    for event in events { buffer.append(event) }
    #expect(buffer.array == events)
    var seen: [Event] = []
    buffer.forEach { seen.append($0) }
    #expect(seen == events)
  }
}
