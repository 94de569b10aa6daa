import Amy
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import Foundation
import Testing

/// Signals to a thread that does not block them, such as the main thread under an `async` main on Linux.
@Suite("Signals that not every thread blocks", .timeLimit(.minutes(10)), .enabled(if: !isThreadSanitized))
struct UnblockedSignalTests {
  @Test("do not end a program with an async main, and are reported, 20 times out of 20", .enabled(if: isTold))
  func asyncMain() throws {
    let program = try AsyncMainProgram(telling: 20)
    #expect(program.line() == "ready")
    for number in (0..<10).flatMap({ _ in [SIGTERM, SIGINT] }) {
      program.send(number)
      try #require(program.line() == "\(number)")
    }
    #expect(program.end() == .exited(0))
  }

  @Test("end a program with an async main once it has given them up")
  func asyncMainWithoutSource() throws {
    let program = try AsyncMainProgram(telling: 0)
    #expect(program.line() == "ready")
    program.send(SIGTERM)
    #expect(program.end() == .signalled(SIGTERM))
  }

  @Test("are each reported, with room for one, among others, and to several waiters", .enabled(if: isTold))
  func told() async {
    await #expect(processExitsWith: .success) {
      #expect(inChild(.forked, Scenario.told) == 0)
      #expect(Scenario.told() == 0, "in this program, which has an async main")
    }
  }

  @Test("regain their default action once no source has them, and in a forked child")
  func restored() async {
    await #expect(processExitsWith: .success) {
      #expect(inChild(.forked) { Scenario.restored(.user1, nil) } == 100 + SIGUSR1, "without an owner")
      #expect(inChild(.forked) { Scenario.restored(.user1, .forked) } == 0, "in a forked child")
      // Ignored by default.
      #expect(inChild(.forked) { Scenario.restored(.windowChange, nil) } == 0, "an ignored signal")
    }
  }

  @Test("leave the program's own handler alone")
  func ownHandler() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.ownHandler) == 0) }
  }

  private static var isTold: Bool { KernelDifferences.system.tellsUnblockedSignals }
}

private enum Scenario {
  /// Starts a thread that blocks no signal: signals go to it.
  static func parkAThread() {
    _ = SystemThread<Void, Never>.spawn("parked") { amy_test_park() }
    Sleepers.wait(for: 1, named: "parked")
  }

  static func told() -> Int32 {
    let signals: Signals = [.user1, .user2, .hangUp]
    signals.block()
    guard let poller = try? Poller(), let source = try? SignalRegistration(signals, with: poller.registrar) else { return 1 }
    let numbers: [Int32] = [SIGUSR1, SIGUSR2, SIGHUP]
    for signal in numbers where amy_test_handler(signal) != 2 { return 2 }
    parkAThread()
    for capacity in [1, 2, 8] {
      var events = EventBuffer(capacity: capacity)
      for _ in 0..<20 {
        for number in numbers { kill(getpid(), number) }
        // No signal may come more often than sent, even while others are taken.
        var seen: [Int32] = []
        while seen.count < numbers.count {
          guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil, !events.isEmpty else { return 3 }
          for event in events.array {
            guard event.id == source.id, case .signal(let number) = event.kind else { return 4 }
            seen.append(number)
          }
        }
        if Set(seen) != Set(numbers) || seen.count != numbers.count { return 5 }
      }
    }
    let tally = Tally()
    for _ in 0..<3 {
      _ = SystemThread<Void, Never>.spawn("waiter") {
        var events = EventBuffer()
        while (try? poller.wait(into: &events)) != nil { tally.add(events.count) }
      }
    }
    for round in 1...200 {
      kill(getpid(), SIGUSR1)
      tally.wait(for: round)
    }
    return 0
  }

  static func restored(_ signal: Signals, _ kind: ChildKind?) -> Int32 {
    signal.block()
    guard let number = (1...64 as ClosedRange<Int32>).first(where: { signal == Signals(number: $0) }) else { return 1 }
    do {
      guard let poller = try? Poller(), let source = try? SignalRegistration(signal, with: poller.registrar) else { return 2 }
      if amy_test_handler(number) != 2 { return 3 }
      if let kind {
        let status = inChild(kind) {
          parkAThread()
          kill(getpid(), number)
          // The signal ends the child.
          sleep(20)
          return 1
        }
        return status == 100 + number ? 0 : 4
      }
      _ = source.id
    }
    parkAThread()
    kill(getpid(), number)
    // A call removes the handler, even for a signal that is ignored by default.
    while amy_test_handler(number) != 0 { usleep(1_000) }
    if signal == .windowChange { return 0 }
    // The handler, removed, sends the signal again: it ends the process.
    sleep(20)
    return 5
  }

  static func ownHandler() -> Int32 {
    let signals: Signals = .user1
    amy_test_handle(SIGUSR1)
    signals.block()
    guard let poller = try? Poller(), let source = try? SignalRegistration(signals, with: poller.registrar) else { return 1 }
    if amy_test_handler(SIGUSR1) != 1 { return 2 }
    kill(getpid(), SIGUSR1)
    var events = EventBuffer()
    guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 3 }
    if events.array != [Event(id: source.id, kind: .signal(number: SIGUSR1))] { return 4 }
    return amy_test_handled() == 0 ? 0 : 5
  }
}

/// A run of the program with an `async` main, next to the tests' program.
private struct AsyncMainProgram {
  private let id: pid_t
  private let output: Int32

  enum End: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  init(telling count: Int) throws {
    let path = Programs.url(of: "AsyncMainSignals").path
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // A child inherits a pool's thread's blocked signals, and the SIGINT that a shell ignores for background jobs.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    defer { posix_spawnattr_destroy(&attributes) }
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), strdup("\(count)"), nil]
    defer { arguments.forEach { free($0) } }
    var id: pid_t = -1
    let result = posix_spawn(&id, path, &actions, &attributes, arguments, environ)
    close(ends[1])
    output = ends[0]
    self.id = id
    try #require(result == 0, "\(path): errno \(result)")
  }

  func send(_ signal: Int32) {
    kill(id, signal)
  }

  /// Returns the next line of output, or nil at its end or after a minute without any.
  func line() -> String? {
    var line: [UInt8] = []
    while true {
      var entry = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      var byte: UInt8 = 0
      guard poll(&entry, 1, 60_000) == 1, read(output, &byte, 1) == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  /// Returns how it ended, within a minute.
  func end() -> End {
    // Only the program has the pipe's other end.
    if line() == nil { _ = alarmed() }
    var status: Int32 = 0
    waitpid(id, &status, 0)
    close(output)
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }

  /// Waits for its end, or kills it after a minute; returns whether it had to.
  private func alarmed() -> Bool {
    for _ in 0..<600 {
      var info = siginfo_t()
      if waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT | WNOHANG) == 0, info.si_signo == SIGCHLD { return false }
      usleep(100_000)
    }
    kill(id, SIGKILL)
    return true
  }
}
