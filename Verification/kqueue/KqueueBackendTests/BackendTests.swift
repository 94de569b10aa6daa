#if KqueueModel
import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import CAmy
import CAmyTestSupport
import CKqueueModelTests
import Glibc
import SystemPackage
import Testing

/// The backend's answers to kernel behaviour that no public call can cause, by the process's profile.
@Suite("The backend for kqueue", .timeLimit(.minutes(10)))
struct BackendTests {
  /// The user data of a generation without a registration.
  private static func stale(_ descriptor: FileDescriptor) -> UInt64 { 0x7_0000_0000 << 24 | UInt64(descriptor.rawValue) }

  @Test("8f: an unregistered filter that stays ready does not keep a wait from returning")
  func strangers() async {
    await #expect(processExitsWith: .success) {
      // Ends a wait that spins for ever.
      alarm(120)
      let scenario: () -> Int32 = {
        guard let poller = try? Poller(), let pair = try? UnixStream.pair(), let other = try? UnixStream.pair(),
          (try? pair.second.write([1])) != nil, (try? other.second.write([1])) != nil
        else { return 1 }
        let (near, next) = (pair.first.fileDescriptor, other.first.fileDescriptor)
        var events = EventBuffer()
        let queue = poller.fileDescriptor.rawValue
        // One number was never registered, one is no longer.
        guard let id = try? poller.registrar.register(next, for: .none, trigger: .level) else { return 2 }
        for descriptor in [near, next] {
          if descriptor == next { guard (try? poller.registrar.deregister(next)) != nil else { return 3 } }
          if kqueue_model_test_watch(queue, descriptor.rawValue, Self.stale(descriptor)) != 0 { return 4 }
          for timeout: Duration in [.zero, .milliseconds(1)] {
            guard (try? poller.wait(into: &events, timeout: timeout)) != nil, events.isEmpty else { return 5 }
          }
          // The filter is gone.
          if kqueue_model_test_unwatch(queue, descriptor.rawValue) != ENOENT { return 6 }
        }
        // A registered number is reported again.
        guard (try? poller.registrar.register(next, as: id, for: .readable, trigger: .level)) != nil else { return 7 }
        if kqueue_model_test_watch(queue, next.rawValue, Self.stale(next)) != 0 { return 8 }
        for _ in 0..<2 {
          guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 9 }
          if events.array != [Event(id: id, kind: .ready(.readable))] { return 10 }
        }
        return 0
      }
      // The failed step.
      exit(scenario())
    }
  }

  @Test("8g: taking signals never waits, though another taker is faster", arguments: [false, true])
  func takers(_ isAskedFor: Bool) async {
    await #expect(processExitsWith: .success) { [isAskedFor = isAskedFor as Bool] in
      // Ends a wait that never returns.
      let result = inChild(.forked) {
        let signal = SIGUSR1
        let bit: UInt64 = 1 << (signal - 1)
        amy_signals_block(bit)
        let queue = amy_signals_open(bit)
        kqueue_model_test_take_what_is_asked_for(isAskedFor)
        for _ in 0..<3 {
          kill(getpid(), signal)
          // Reported to the queue, whoever takes it.
          if !amy_test_becomes_readable(queue, 20_000) { return 1 }
          if amy_signals_next(queue) != signal { return 2 }
          if amy_signals_next(queue) != -EAGAIN { return 3 }
          if kqueue_model_test_take(signal) >= 0 { return 4 }
        }
        return 0
      }
      // The failed step.
      exit(result)
    }
  }

  @Test("8g: nor when another thread takes signals all the time")
  func racingTaker() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        let signal = SIGUSR1
        amy_signals_block(1 << (signal - 1))
        let (over, asked) = (Tally(), Tally())
        let stranger = SystemThread.spawn("stranger") { while over.value == 0 { _ = kqueue_model_test_take(signal) } }
        let taker = SystemThread.spawn("taker") {
          let queue = amy_signals_open(1 << (signal - 1))
          while over.value == 0 {
            _ = amy_signals_next(queue)
            asked.add(1)
          }
          close(queue)
        }
        for _ in 0..<200 {
          let before = asked.value
          kill(getpid(), signal)
          asked.wait(for: before + 3)
        }
        over.add(1)
        stranger.join()
        taker.join()
        return 0
      }
      // The failed step.
      exit(result)
    }
  }

  @Test("8g: a reported signal is no longer pending: unblocking it ends no process, and no handler runs")
  func taken() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        let signal = SIGUSR1
        let bit: UInt64 = 1 << (signal - 1)
        amy_signals_block(bit)
        let queue = amy_signals_open(bit)
        for _ in 0..<2 {
          kill(getpid(), signal)
          if amy_signals_next(queue) != signal { return 1 }
          if amy_signals_next(queue) != -EAGAIN { return 2 }
        }
        close(queue)
        if !amy_signals_are_blocked(bit) { return 3 }
        let before = amy_test_handled()
        amy_test_handle(signal)
        return amy_test_handled() == before ? 0 : 4
      }
      // The failed step.
      exit(result)
    }
  }

  @Test("8b: the alarm is not coalesced, and comes")
  func alarms() async {
    await #expect(processExitsWith: .success) { try Self.tellingAlarm() }
  }

  private static func tellingAlarm() throws {
    let poller = try Poller(isEmbedded: true)
    for seconds in [300, 200, 100] { _ = try poller.registrar.scheduleTimer(after: .seconds(seconds)) }
    let id = try poller.registrar.scheduleTimer(after: .milliseconds(5)).id
    #expect(amy_test_becomes_readable(poller.fileDescriptor.rawValue, 30_000))
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .seconds(1))
    #expect(events.array == [Event(id: id, kind: .timer(expirations: 1))])
    #expect(kqueue_model_test_coalesced_timers() == 0)
  }
}
#endif
