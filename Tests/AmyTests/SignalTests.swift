import Amy
import AmySockets
import AmyTestSupport
import Foundation
import Testing

/// Signals and child processes: each test runs in its own process with one thread, because signals belong to a process.
@Suite("Signals", .timeLimit(.minutes(10)))
struct SignalTests {
  @Test("make one event each with their number, merged ones one, among others and with room for one")
  func numbers() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        let signals: Signals = [.user1, .user2, .hangUp]
        signals.block()
        guard let poller = try? Poller(), let source = try? SignalRegistration(signals, with: poller.registrar) else {
          return 1
        }
        var events = EventBuffer(capacity: 1)
        for signal in [SIGUSR1, SIGUSR1, SIGHUP, SIGUSR2] { kill(getpid(), signal) }
        var numbers: Set<Int32> = []
        for _ in 0..<3 {
          guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil, events.count == 1 else { return 2 }
          guard events[0].id == source.id, case .signal(let number) = events[0].kind else { return 3 }
          numbers.insert(number)
        }
        if numbers != [SIGUSR1, SIGHUP, SIGUSR2] { return 4 }
        guard (try? poller.wait(into: &events, timeout: .milliseconds(5))) != nil, events.isEmpty else { return 5 }
        events = EventBuffer()
        _ = try? poller.registrar.scheduleTimer(after: .zero)
        for signal in [SIGUSR1, SIGUSR2] { kill(getpid(), signal) }
        guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 6 }
        let kinds = Set(events.array.map(\.kind))
        return kinds == [.timer(expirations: 1), .signal(number: SIGUSR1), .signal(number: SIGUSR2)] ? 0 : 7
      }
      #expect(result == 0)
    }
  }

  @Test("leave room for a child that ended in the same wait")
  func besidesProcesses() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        let signals: Signals = [.user1, .hangUp]
        signals.block()
        guard let poller = try? Poller(), let source = try? SignalRegistration(signals, with: poller.registrar) else {
          return 1
        }
        for signal in [SIGUSR1, SIGHUP] { kill(getpid(), signal) }
        let child = spawnTrue()
        guard child > 0, let process = try? ProcessRegistration(of: child, with: poller.registrar) else { return 2 }
        var info = siginfo_t()
        waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT)
        var events = EventBuffer(capacity: 2)
        var seen: [Event] = []
        while seen.count < 3 {
          guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil, !events.isEmpty else { return 3 }
          seen += events.array
        }
        let expected: Set<Event> = [
          Event(id: source.id, kind: .signal(number: SIGUSR1)), Event(id: source.id, kind: .signal(number: SIGHUP)),
          Event(id: process.id, kind: .process),
        ]
        return Set(seen) == expected ? 0 : 4
      }
      #expect(result == 0)
    }
  }

  @Test("that are not blocked are refused, and a destroyed registration takes no more")
  func blocking() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        // A copy of a thread of Swift's pool, which blocks all signals.
        var none = sigset_t()
        pthread_sigmask(SIG_SETMASK, &none, nil)
        guard let poller = try? Poller() else { return 1 }
        if refusal({ () throws(PollerError) in _ = try SignalRegistration(.user1, with: poller.registrar) })
          != .signalsNotBlocked
        {
          return 2
        }
        let signals: Signals = .user1
        if signals.areBlocked { return 4 }
        signals.block()
        if !signals.areBlocked { return 5 }
        // Each of them must be blocked, in whichever order they are checked.
        for other in [Signals.hangUp, .user2, .terminate] {
          if refusal({ () throws(PollerError) in _ = try SignalRegistration([signals, other], with: poller.registrar) })
            != .signalsNotBlocked
          {
            return 10
          }
        }
        // The double of kqueue keeps something of the last queue.
        for _ in 0..<2 { guard (try? SignalRegistration(signals, with: poller.registrar)) != nil else { return 6 } }
        guard let before = try? Descriptors.count() else { return 7 }
        for _ in 0..<20 { guard (try? SignalRegistration(signals, with: poller.registrar)) != nil else { return 6 } }
        guard let after = try? Descriptors.count(), after == before else { return 8 }
        kill(getpid(), SIGUSR1)
        var events = EventBuffer()
        guard (try? poller.wait(into: &events, timeout: .milliseconds(5))) != nil, events.isEmpty else { return 9 }
        return 0
      }
      #expect(result == 0)
    }
  }

  @Test("have the system's names")
  func names() {
    #expect("\([.interrupt, .terminate] as Signals)" == "SIGINT, SIGTERM")
    #expect("\(Signals(number: 40))" == "signal 40")
    #expect(Signals(number: 0).isEmpty && Signals(number: 65).isEmpty)
  }
}

@Suite("A child process", .timeLimit(.minutes(10)))
struct ProcessTests {
  @Test("makes one event when it ends, with its status, and can still be waited for", arguments: [false, true])
  func ends(_ hasEndedBefore: Bool) throws {
    let poller = try Poller()
    for (script, expected) in [("exit 7", ExitStatus.exited(code: 7)), ("kill -9 $$", .signalled(number: SIGKILL))] {
      let child = ShellChild(hasEndedBefore ? script : "read line; \(script)")
      if hasEndedBefore { child.waitUntilEnded() }
      let source = try ProcessRegistration(of: child.id, with: poller.registrar)
      let id = source.id
      if !hasEndedBefore {
        let status = try source.status()
        #expect(status == nil, "the child still runs")
      }
      child.release()
      var events = EventBuffer()
      try poller.wait(into: &events, timeout: .seconds(60))
      #expect(events.array == [Event(id: id, kind: .process)])
      for _ in 0..<2 {
        let status = try source.status()
        #expect(status == expected)
      }
      try poller.wait(into: &events, timeout: .milliseconds(5))
      #expect(events.array.isEmpty)
      #expect(child.reap() != nil, "the child was reaped already")
      let code = refusal { () throws(PollerError) in _ = try source.status() }
      #expect(code == .noSuchProcess, "the child was reaped")
    }
  }

  @Test("that does not exist, or belongs to another process, is refused")
  func refused() throws {
    let poller = try Poller()
    for number in [1, Int32.max] {
      let code = refusal { () throws(PollerError) in
        _ = try ProcessRegistration(of: number, with: poller.registrar)
      }
      #expect(code == .noSuchProcess, "\(number)")
    }
  }

  private typealias ExitStatus = ProcessRegistration.ExitStatus
}

private func spawnTrue() -> pid_t {
  var child: pid_t = 0
  let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
  defer { free(arguments[0]) }
  return posix_spawn(&child, "/bin/true", nil, nil, arguments, environ) == 0 ? child : -1
}

/// Returns the code of a call's error, if any.
func refusal(_ body: () throws(PollerError) -> Void) -> PollerError.Code? {
  do throws(PollerError) {
    try body()
    return nil
  } catch {
    return error.code
  }
}
