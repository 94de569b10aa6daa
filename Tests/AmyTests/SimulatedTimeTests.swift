import Amy
import AmyTestSupport
import Testing

@Suite("In simulated time")
struct SimulatedTimeTests {
  @Test("a wait of ten years ends to the nanosecond")
  func longWait() throws {
    let kernel = SimulatedKernel()
    let poller = try kernel.makePoller()
    let start = poller.now
    #expect(try poller.wait(atMost: 1, timeout: .seconds(10 * 365 * 86_400)).isEmpty)
    #expect(poller.now - start == 10 * 365 * 86_400 * 1_000_000_000)
  }

  @Test("an event after an hour ends a wait of a day after an hour")
  func arranged() throws {
    let kernel = SimulatedKernel()
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .once)
    let start = poller.now
    kernel.after(.seconds(3600)) { _ = try pair.write(1, to: pair.far) }
    #expect(try poller.wait(atMost: 1, timeout: .seconds(86_400)) == [Event(id: id, kind: .ready(.readable))])
    #expect(poller.now - start == 3600 * 1_000_000_000)
  }

  @Test("a wait keeps its deadline despite unrequested events")
  func deadlineHolds() throws {
    let kernel = SimulatedKernel()
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try poller.register(pair.near, for: .none, trigger: .level)
    let start = poller.now
    for second in 1...5 { kernel.after(.seconds(second)) { _ = try pair.write(1, to: pair.far) } }
    #expect(try poller.wait(atMost: 1, timeout: .seconds(10)).isEmpty)
    #expect(poller.now - start == 10 * 1_000_000_000)
  }
}
