import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Testing

/// A wait that spins before it sleeps keeps all promises of waits.
@Suite("A wait that spins", .timeLimit(.minutes(10)))
struct SpinningTests {
  @Test("returns at once what is due: a descriptor, a timer, a message, or a wake")
  func due() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let id = try poller.registrar.register(pair.first, for: .writable)
    var events = EventBuffer()
    try poller.wait(into: &events, spinning: .seconds(60))
    #expect(events.array == [Event(id: id, kind: .ready(.writable))])
    let timer = try poller.registrar.scheduleTimer(after: .zero)
    try poller.wait(into: &events, spinning: .seconds(60))
    #expect(events.array == [Event(id: timer.id, kind: .timer(expirations: 1))])
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    #expect(sender.send(1) == nil)
    try poller.wait(into: &events, timeout: .seconds(60), spinning: .seconds(60))
    #expect(events.array == [Event(id: receiver.id, kind: .message)])
    try poller.wake()
    try poller.wait(into: &events, spinning: .seconds(60))
    #expect(events.array == [])
  }

  @Test("notices what other threads do, and a timer, while it spins and while it sleeps", arguments: [0, 60])
  func meanwhile(_ seconds: Int) throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let far = pair.second
    let id = try poller.registrar.register(pair.first, for: .readable)
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    let go = Tally()
    let other = SystemThread.spawn("meanwhile") { () throws(PollerError) -> Void in
      go.wait(for: 1)
      _ = sender.send(1)
      go.wait(for: 2)
      _ = try far.write([1])
    }
    var events = EventBuffer()
    go.add(1)
    try poller.wait(into: &events, spinning: .seconds(seconds))
    #expect(events.array.map(\.id) == [receiver.id])
    go.add(1)
    try poller.wait(into: &events, spinning: .seconds(seconds))
    #expect(events.array == [Event(id: id, kind: .ready(.readable))])
    try other.join()
    let deadline = Deadline.now + .milliseconds(3)
    let timer = try poller.registrar.scheduleTimer(at: deadline)
    try poller.wait(into: &events, spinning: .seconds(seconds))
    #expect(events.array == [Event(id: timer.id, kind: .timer(expirations: 1))])
    #expect(Deadline.now >= deadline)
  }

  @Test("lasts as long as its timeout, spinning included, and only polls if that is zero")
  func timeouts() throws {
    let poller = try Poller()
    var events = EventBuffer()
    for (timeout, spinning) in [(10, 2), (10, 1000), (0, 60_000), (-5, 60_000)] {
      let start = Deadline.now
      try poller.wait(into: &events, timeout: .milliseconds(timeout), spinning: .milliseconds(spinning))
      #expect(events.array == [])
      #expect(Deadline.now >= start + .milliseconds(timeout))
      #expect(Deadline.now < start + .seconds(30))
    }
  }

  @Test("ends when the poller is closed, and throws from then on")
  func closed() throws {
    let poller = try Poller()
    let closer = SystemThread.spawn("closing") { [poller] in poller.close() }
    var events = EventBuffer()
    #expect(throws: PollerError(.closed)) { try poller.wait(into: &events, spinning: .seconds(60)) }
    closer.join()
    #expect(throws: PollerError(.closed)) { try poller.wait(into: &events, spinning: .seconds(60)) }
  }
}
