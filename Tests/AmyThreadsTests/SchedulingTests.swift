import AmyTestSupport
import AmyThreads
import SystemPackage
import Testing

@Suite("Processors and timer slack of a thread", .timeLimit(.minutes(10)))
struct SchedulingTests {
  /// Only Linux has both.
  private static var isOfThisSystem: Bool {
    #if os(Linux)
    true
    #else
    false
    #endif
  }

  @Test("are the given processors, and its creator keeps its own", .enabled(if: isOfThisSystem))
  func processors() throws {
    let all = try CurrentThread.processors
    #expect(!all.isEmpty)
    for processor in all.sorted().prefix(4) {
      let thread = try SystemThread(named: "pinned", processors: [processor]) { try? CurrentThread.processors }
      #expect(thread.join() == [processor])
    }
    #expect(try CurrentThread.processors == all)
    #expect(try SystemThread(named: "inherits") { try? CurrentThread.processors }.join() == all)
  }

  @Test("are refused if a processor is not available, and the body does not run", .enabled(if: isOfThisSystem))
  func absent() throws {
    let all = try CurrentThread.processors
    let first = try #require(all.min())
    let ran = Flag()
    for wrong: Set<Int> in [[], [-1], [.max], [.min], [8191], [first, 8191], [8192]] {
      let error = #expect(throws: SystemThreadError.self) {
        try SystemThread(named: "nowhere", processors: wrong) { ran.set() }.join()
      }
      #expect(error?.code == .processorNotAvailable, "\(wrong)")
    }
    #expect(!ran.isSet)
  }

  @Test("can be changed by the thread itself: all of them, or none", .enabled(if: isOfThisSystem))
  func changed() throws {
    let result = try SystemThread(named: "changes") { () throws(SystemThreadError) in
      let all = try CurrentThread.processors
      guard let first = all.min() else { return false }
      do throws(SystemThreadError) {
        try CurrentThread.setProcessors([first, 8191])
        return false
      } catch {
        if error.code != .processorNotAvailable { return false }
      }
      if try CurrentThread.processors != all { return false }
      try CurrentThread.setProcessors([first])
      let one = try CurrentThread.processors
      try CurrentThread.setProcessors(all)
      let restored = try CurrentThread.processors
      return one == [first] && restored == all
    }
    #expect(try result.join())
  }

  @Test(
    "are the given slack, from a nanosecond to two seconds", .enabled(if: isOfThisSystem),
    arguments: [
      (Duration.nanoseconds(1), Duration.nanoseconds(1)), (.microseconds(7), .microseconds(7)), (.zero, .nanoseconds(1)),
      (.seconds(-5), .nanoseconds(1)), (.seconds(2), .seconds(2)), (.seconds(3), .seconds(2)),
      (.seconds(Int64.max), .seconds(2)),
    ])
  func slack(_ asked: Duration, _ got: Duration) throws {
    let before = try CurrentThread.timerSlack
    #expect(try SystemThread(named: "slack", timerSlack: asked) { try? CurrentThread.timerSlack }.join() == got)
    let changes = try SystemThread(named: "changes") { () throws(SystemThreadError) in
      try CurrentThread.setTimerSlack(asked)
      return try CurrentThread.timerSlack
    }
    #expect(try changes.join() == got)
    #expect(try CurrentThread.timerSlack == before)
  }

  @Test("are a typed error elsewhere, and no thread starts", .disabled(if: isOfThisSystem))
  func unsupported() {
    let ran = Flag()
    for (processors, slack) in [([0], nil), (nil, .nanoseconds(1))] as [(Set<Int>?, Duration?)] {
      let error = #expect(throws: SystemThreadError.self) {
        try SystemThread(named: "nowhere", processors: processors, timerSlack: slack) { ran.set() }.join()
      }
      #expect(error?.code == .unsupported)
    }
    #expect(throws: SystemThreadError.self) { try CurrentThread.processors }
    #expect(throws: SystemThreadError.self) { try CurrentThread.timerSlack }
    #expect(!ran.isSet)
  }

  @Test(
    "are refused with advice, and with the system's error if there is one",
    arguments: [SystemThreadError.Code.threadLimit, .outOfMemory, .processorNotAvailable, .unsupported, .other])
  func advice(_ code: SystemThreadError.Code) {
    #expect(SystemThreadError(code).description.contains(": "))
    #expect(SystemThreadError(code, errno: .noMemory).description.hasSuffix("(\(Errno.noMemory))"))
  }
}
