import Amy
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import SystemPackage
import Testing

/// The library's own descriptors, and other pollers, as sources.
@Suite(
  "Many sources", .enabled(if: DescriptorLimit.current.soft >= 2_048, "needs more than a thousand descriptors"),
  .timeLimit(.minutes(10)))
struct ManySourcesTests {
  @Test("one child can be watched hundreds of times, one descriptor each")
  func children() throws {
    let poller = try Poller()
    var input: Int32 = -1
    let child = amy_test_spawn_reader(&input)
    try #require(child > 0)
    let sources = try (0..<300).map { _ in Watched(try ProcessRegistration(of: child, with: poller.registrar)) }
    try FileDescriptor(rawValue: input).close()
    var seen: Set<Event.ID> = []
    var events = EventBuffer()
    while seen.count < sources.count {
      try poller.wait(into: &events, timeout: .seconds(60))
      let told = events.array.map(\.id)
      try #require(!told.isEmpty)
      seen.formUnion(told)
    }
    #expect(seen == Set(sources.map(\.id)))
    #expect(amy_test_reap(child) == child)
  }

  private final class Watched {
    let id: Event.ID
    let registration: ProcessRegistration
    init(_ registration: consuming ProcessRegistration) {
      id = registration.id
      self.registration = registration
    }
  }

  @Test("one poller can watch hundreds of pollers")
  func pollers() throws {
    let poller = try Poller()
    let inner = try (0..<300).map { _ in try Poller() }
    let ids = try inner.map { try poller.registrar.register($0, for: .readable) }
    try inner[299].wake()
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.array == [Event(id: ids[299], kind: .ready(.readable))])
  }
}
