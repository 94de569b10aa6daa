import Amy
import AmyTestSupport
import Foundation
import Testing

/// The signal masks of threads and children, each test in its own process.
@Suite("Blocked signals", .timeLimit(.minutes(10)))
struct SignalMaskTests {
  @Test("are blocked in a child process too, unless it is started with them unblocked")
  func children() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.children) == 0) }
  }

  @Test("are blocked again after a closure that runs unblocked, and only those blocked before")
  func restored() async {
    await #expect(processExitsWith: .success) {
      #expect(inChild(.forked, Scenario.restored) == 0)
      #expect(Scenario.restored() == 0, "in a program with other threads")
    }
  }

  @Test("are reported, if they are a source, even while they are not blocked", .enabled(if: isTold))
  func told() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.told) == 0) }
  }

  private static var isTold: Bool { KernelDifferences.system.tellsUnblockedSignals }
}

private enum Scenario {
  static func children() -> Int32 {
    let signals: Signals = [.terminate, .interrupt]
    signals.block()
    let script = "kill -TERM $$; exit 3"
    let blocking = ShellChild(script)
    if blocking.reap() != 3 << 8 { return 1 }
    let free = signals.withUnblocked { ShellChild(script) }
    if free.reap() != SIGTERM { return 2 }
    for child in [blocking, free] { child.release() }
    signals.unblock()
    let other = ShellChild(script)
    other.release()
    return other.reap() == SIGTERM ? 0 : 3
  }

  static func restored() -> Int32 {
    let signals: Signals = [.user1, .user2, .hangUp]
    signals.unblock()
    let some: Signals = [.user1, .hangUp]
    some.block()
    for number in 1...2 {
      do throws(Failure) {
        let result = try signals.withUnblocked { () throws(Failure) -> Int in
          if Signals.user1.areBlocked || Signals.hangUp.areBlocked { throw Failure(number: 10) }
          if number == 2 { throw Failure(number: 2) }
          return number
        }
        if result != 1 { return 11 }
      } catch {
        if error.number != 2 { return error.number }
      }
      if !some.areBlocked || Signals.user2.areBlocked { return 12 }
    }
    signals.unblock()
    return Signals.user1.areBlocked || Signals.hangUp.areBlocked ? 13 : 0
  }

  static func told() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller(), let source = try? SignalRegistration(.user1, with: poller.registrar) else { return 1 }
    var events = EventBuffer()
    for _ in 0..<20 {
      Signals.user1.withUnblocked { _ = kill(getpid(), SIGUSR1) }
      guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 2 }
      if events.array != [Event(id: source.id, kind: .signal(number: SIGUSR1))] { return 3 }
    }
    return 0
  }

  private struct Failure: Error {
    let number: Int32
  }
}
