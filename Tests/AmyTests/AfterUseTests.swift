import Amy
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import Foundation
import SystemPackage
import Testing

/// What Amy has open after everything was used, which a fresh poller does not show: the kernel's alarm, say.
@Suite("After everything was used once", .timeLimit(.minutes(10)))
struct AfterUseTests {
  @Test("a program started by exec inherits no descriptor of Amy's, and none stays open")
  func descriptors() async {
    await #expect(processExitsWith: .success) {
      Signals.user2.block()
      // The process keeps what its first use opened.
      try useEverything()
      let open = try Descriptors.fewest()
      let inherited = Descriptors.inherited()
      try useEverything {
        #expect(Descriptors.inherited() == inherited)
      }
      #expect(try Descriptors.fewest(downTo: open) <= open)
    }
  }
}

/// Uses each source once, and calls a closure while all of them exist.
private func useEverything(_ body: () throws -> Void = {}) throws {
  let input = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
  defer { input.deallocate() }
  let child = amy_test_spawn_reader(input)
  let belongings = try Belongings(child: child)
  let waiter = SystemThread<Void, Never>.spawn("waiter") { [poller = belongings.poller] in
    var events = EventBuffer()
    while (try? poller?.wait(into: &events)) != nil {}
  }
  // Only a timer that is set while a thread sleeps needs the kernel's alarm.
  Sleepers.wait(for: 1, named: "waiter")
  _ = try belongings.registrar.scheduleTimer(after: .seconds(600))
  try body()
  belongings.poller?.close()
  waiter.join()
  try FileDescriptor(rawValue: input.pointee).close()
  _ = amy_test_reap(child)
}
