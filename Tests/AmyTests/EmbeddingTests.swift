import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import SystemPackage
import Testing

/// An embedded poller: whatever its own wait would find makes its descriptor readable.
@Suite("A poller's descriptor", .timeLimit(.minutes(10)))
final class EmbeddingTests {
  let inner: Poller
  let near: UnixStream
  let far: UnixStream

  init() throws {
    inner = try Poller()
    let pair = try UnixStream.pair()
    near = pair.first
    far = pair.second
    _ = try inner.registrar.register(near, for: .readable, trigger: .edge)
  }

  /// Fetches all events of the inner poller as documented, and returns their number.
  private func drain() throws -> Int {
    // Room for one: nothing may hide what is behind it.
    var events = EventBuffer(capacity: 1)
    var count = 0
    repeat {
      try inner.wait(into: &events, timeout: .zero)
      count += events.count
    } while events.count > 0
    return count
  }

  @Test("nested in another poller misses nothing", arguments: Trigger.allCases)
  func nested(_ trigger: Trigger) throws {
    let outer = try Poller()
    let id = try outer.registrar.register(inner, for: .readable, trigger: trigger)
    var events = EventBuffer()
    for round in 0..<100 {
      // Rounds of bytes, of a wake, and of a wake with bytes behind it.
      if round % 3 > 0 { try inner.wake() }
      if round % 3 != 1 { _ = try far.write([1]) }
      try outer.wait(into: &events, timeout: .seconds(30))
      #expect(events.array.map(\.id) == [id], "round \(round)")
      #expect(try drain() == (round % 3 == 1 ? 0 : 1), "round \(round)")
      if trigger == .once { try outer.registrar.reregister(inner, as: id, for: .readable, trigger: .once) }
      try outer.wait(into: &events, timeout: .zero)
      if trigger == .level { #expect(events.array.isEmpty, "round \(round): fetched events came again") }
    }
  }

  @Test("watched by a plain loop misses nothing from another thread")
  func plainLoop() throws {
    let sender = SystemThread.spawn("sender") { [far = far.fileDescriptor] in
      // Try again until a slow peer has room.
      for _ in 0..<1000 { while (try? far.writeAll([1])) == nil {} }
    }
    var bytes: [UInt8] = []
    while bytes.count < 1000 {
      guard amy_test_becomes_readable(inner.fileDescriptor.rawValue, 30_000) else {
        Issue.record("an event was missed after \(bytes.count) bytes")
        return
      }
      _ = try drain()
      while case .bytes = try near.read(appendingTo: &bytes, atMost: 64) {}
    }
    sender.join()
    #expect(!amy_test_is_readable(inner.fileDescriptor.rawValue))
  }

  @Test("stays readable once the poller is closed")
  func closed() throws {
    let queue = inner.fileDescriptor.rawValue
    #expect(!amy_test_is_readable(queue))
    inner.close()
    for _ in 0..<3 { #expect(amy_test_is_readable(queue)) }
  }

  @Test("is readable at once when a timer is due, whatever timer was set before", arguments: [false, true])
  func dueTimer(_ hasOther: Bool) throws {
    for round in 0..<200 {
      let poller = try Poller(isEmbedded: true)
      if hasOther { _ = try poller.registrar.scheduleTimer(after: .seconds(3600)) }
      #expect(!amy_test_is_readable(poller.fileDescriptor.rawValue))
      let id = try poller.registrar.scheduleTimer(after: .zero).id
      #expect(amy_test_is_readable(poller.fileDescriptor.rawValue), "round \(round)")
      var events = EventBuffer()
      try poller.wait(into: &events, timeout: .zero)
      #expect(events.array == [Event(id: id, kind: .timer(expirations: 1))])
      #expect(!amy_test_is_readable(poller.fileDescriptor.rawValue), "round \(round)")
    }
  }
}
