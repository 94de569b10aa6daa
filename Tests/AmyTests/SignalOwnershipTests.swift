import Amy
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import Foundation
import Synchronization
import Testing

/// Sources of signals read, change and close nothing foreign; each test runs in its own process.
@Suite("Sources of signals and children", .timeLimit(.minutes(10)), .enabled(if: !isThreadSanitized))
struct SignalOwnershipTests {
  @Test("destroyed while another thread waits touch nothing that has reused their number")
  func dropped() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.dropped) == 0) }
  }

  @Test("replaced under the same id are still reported")
  func replaced() async {
    await #expect(processExitsWith: .success) { expectZero(Scenario.replaced) }
  }

  @Test("of children, replaced under the same id, report only the new child")
  func replacedChildren() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.replacedChildren) == 0) }
  }

  @Test("report signals as signals, or not at all, while their poller is closed")
  func closed() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.closed) == 0) }
  }

  @Test("refused in a forked child leave no descriptor there")
  func refusedInChild() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.refusedInChild) == 0) }
  }

  @Test("own their signals: a second source is refused as a whole, in any poller")
  func claimed() async {
    await #expect(processExitsWith: .success) { expectZero(Scenario.claimed) }
  }

  @Test("give up their signals when destroyed, when their poller is closed, and in a forked child")
  func givenUp() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.givenUp) == 0) }
  }

  @Test("without a signal, with an unblockable one, or without a process are refused")
  func senseless() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.senseless) == 0) }
  }

  @Test("are unsupported where a container's filter or an older kernel refuses the call")
  func filtered() async {
    await #expect(processExitsWith: .success) {
      for error in [EPERM, EACCES, ENOSYS] {
        #expect(inChild(.forked) { Scenario.filtered(error) } == 0, "errno \(error)")
      }
    }
  }

  @Test("without a descriptor left leave nothing behind, and the source to replace goes on")
  func withoutDescriptors() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.withoutDescriptors) == 0) }
  }

  @Test("refused by the queue leave nothing behind", .enabled(if: isEpoll))
  func withoutWatches() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.withoutWatches) == 0) }
  }

  @Test("allocate nothing when they are reported", .disabled(if: sanitizer != nil, "its own allocator ignores the limit"))
  func withoutMemory() async {
    await #expect(processExitsWith: .success) { #expect(inChild(.forked, Scenario.withoutMemory) == 0) }
  }

  /// Only epoll has priority; the refused call is its.
  private static var isEpoll: Bool { KernelDifferences.system.hasPriority }
}

/// Runs a scenario in a child with one thread, and, where supported, in this process, whose main thread blocks nothing.
private func expectZero(_ scenario: () -> Int32) {
  #expect(inChild(.forked, scenario) == 0)
  if KernelDifferences.system.tellsUnblockedSignals { #expect(scenario() == 0, "in the program itself") }
}

/// Each test's work in its child: returns 0, or where it failed.
private enum Scenario {
  static func dropped() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller() else { return 1 }
    let watched = Watched()
    let waiters = (0..<2).map { _ in
      SystemThread<Void, Never>.spawn("waiter") {
        var events = EventBuffer()
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices where events[index].kind != .signal(number: SIGUSR1) {
            watched.strangers.add(1, ordering: .relaxed)
          }
        }
      }
    }
    let bytes = [UInt8](repeating: UInt8(ascii: "A"), count: 256)
    var into = [UInt8](repeating: 0, count: 512)
    for _ in 0..<20_000 {
      do {
        guard let source = try? SignalRegistration(.user1, with: poller.registrar) else { return 2 }
        kill(getpid(), SIGUSR1)
        _ = source.id
      }
      // The lowest free number is the one just freed.
      var ends: [Int32] = [0, 0]
      guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0 else { return 3 }
      guard write(ends[1], bytes, bytes.count) == bytes.count else { return 4 }
      if read(ends[0], &into, into.count) != bytes.count { return 5 }
      for end in ends { close(end) }
    }
    poller.close()
    for waiter in waiters { waiter.join() }
    return watched.strangers.load(ordering: .relaxed) == 0 ? 0 : 6
  }

  private final class Watched: Sendable {
    /// Events of numbers never sent.
    let strangers = Atomic(0)
  }

  static func replaced() -> Int32 {
    let all: [Signals] = [[.user1], [.user1], [.user1, .user2], [.user2, .hangUp], [.user1, .user2, .hangUp]]
    for signals in all { signals.block() }
    guard let poller = try? Poller(), let other = try? Poller() else { return 1 }
    let id = poller.registrar.reserveID()
    var events = EventBuffer(), source: SignalRegistration?
    for signals in all {
      // The replaced registration removes only itself.
      do { source = try SignalRegistration(signals, as: id, with: poller.registrar) } catch { return 2 }
      for number in [SIGUSR1, SIGUSR2, SIGHUP] where signals.contains(Signals(number: number)) {
        kill(getpid(), number)
        guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 3 }
        if events.array != [Event(id: id, kind: .signal(number: number))] { return 4 }
      }
      // Signals outside the new set are free.
      for signal: Signals in [.user1, .user2, .hangUp] where !signals.contains(signal) {
        if (try? SignalRegistration(signal, with: other.registrar)) == nil { return 5 }
      }
    }
    return source?.id == id ? 0 : 6
  }

  static func replacedChildren() -> Int32 {
    guard let poller = try? Poller() else { return 1 }
    let id = poller.registrar.reserveID()
    var events = EventBuffer(), source: ProcessRegistration?
    for _ in 0..<3 {
      // One child ended unreported; one goes on.
      let (old, new) = (ShellChild("exit 1"), ShellChild("read line; exit 7"))
      old.waitUntilEnded()
      do {
        source = try ProcessRegistration(of: old.id, as: id, with: poller.registrar)
        source = try ProcessRegistration(of: new.id, as: id, with: poller.registrar)
      } catch {
        return 2
      }
      guard (try? poller.wait(into: &events, timeout: .milliseconds(5))) != nil, events.isEmpty else { return 3 }
      new.release()
      guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 4 }
      if events.array != [Event(id: id, kind: .process)] { return 5 }
      if (try? source?.status()) != .exited(code: 7) { return 6 }
      for child in [old, new] { child.reap() }
      old.release()
    }
    return 0
  }

  static func closed() -> Int32 {
    Signals.user1.block()
    for _ in 0..<5_000 {
      guard let poller = try? Poller(), let source = try? SignalRegistration(.user1, with: poller.registrar) else { return 1 }
      let waiter = SystemThread<Bool, Never>.spawn("waiter") {
        var events = EventBuffer()
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices where events[index].kind != .signal(number: SIGUSR1) { return false }
        }
        return true
      }
      kill(getpid(), SIGUSR1)
      poller.close()
      if !waiter.join() { return 2 }
      _ = source.id
    }
    return 0
  }

  static func refusedInChild() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller() else { return 1 }
    return inChild(.forked) {
      let child = ShellChild("exit 0")
      child.release()
      func refuse() -> Bool {
        refusal { () throws(PollerError) in _ = try SignalRegistration(.user1, with: poller.registrar) } == .forked
          && refusal { () throws(PollerError) in _ = try ProcessRegistration(of: child.id, with: poller.registrar) } == .forked
      }
      if !refuse() { return 10 }
      let before = try? Descriptors.count()
      for _ in 0..<50 { if !refuse() { return 11 } }
      let after = try? Descriptors.count()
      child.reap()
      return before == after ? 0 : 12
    }
  }

  static func claimed() -> Int32 {
    ([.user1, .user2, .hangUp] as Signals).block()
    guard let poller = try? Poller(), let other = try? Poller() else { return 1 }
    guard let source = try? SignalRegistration([.user1, .hangUp], with: poller.registrar) else { return 2 }
    for (registrar, isOther) in [(poller.registrar, false), (other.registrar, true)] {
      // Also with signals around it, which the refused registration must not take.
      for signals: Signals in [.user1, .hangUp, [.user1, .user2], [.user1, .user2, .hangUp]] {
        let code = refusal { () throws(PollerError) in _ = try SignalRegistration(signals, with: registrar) }
        if code != .alreadyRegistered { return 3 }
        if isOther,
          refusal({ () throws(PollerError) in _ = try SignalRegistration(signals, as: source.id, with: registrar) })
            != .alreadyRegistered
        {
          return 4
        }
        if (try? SignalRegistration(.user2, with: registrar)) == nil { return 5 }
      }
    }
    // A refused replacement leaves the old source alone.
    guard let second = try? SignalRegistration(.user2, with: other.registrar) else { return 6 }
    let code = refusal { () throws(PollerError) in
      _ = try SignalRegistration([.user1, .user2], as: source.id, with: poller.registrar)
    }
    if code != .alreadyRegistered { return 7 }
    var events = EventBuffer()
    for (poller, id, number) in [(poller, source.id, SIGUSR1), (poller, source.id, SIGHUP), (other, second.id, SIGUSR2)] {
      kill(getpid(), number)
      guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 8 }
      if events.array != [Event(id: id, kind: .signal(number: number))] { return 9 }
    }
    return 0
  }

  static func givenUp() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller(), let other = try? Poller() else { return 1 }
    for _ in 0..<3 {
      if (try? SignalRegistration(.user1, with: poller.registrar)) == nil { return 2 }
      if (try? SignalRegistration(.user1, with: other.registrar)) == nil { return 3 }
    }
    guard let first = try? SignalRegistration(.user1, with: poller.registrar) else { return 4 }
    poller.close()
    let closed = refusal { () throws(PollerError) in _ = try SignalRegistration(.user1, with: poller.registrar) }
    if closed != .closed { return 5 }
    guard let second = try? SignalRegistration(.user1, with: other.registrar) else { return 6 }
    let inChild = inChild(.forked) {
      guard let poller = try? Poller(), let source = try? SignalRegistration(.user1, with: poller.registrar) else { return 20 }
      kill(getpid(), SIGUSR1)
      var events = EventBuffer()
      guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 21 }
      return events.array == [Event(id: source.id, kind: .signal(number: SIGUSR1))] ? 0 : 22
    }
    if inChild != 0 { return inChild }
    // The closed poller's source has nothing left to give up.
    do { _ = consume first }
    kill(getpid(), SIGUSR1)
    var events = EventBuffer()
    guard (try? other.wait(into: &events, timeout: .seconds(20))) != nil else { return 7 }
    return events.array == [Event(id: second.id, kind: .signal(number: SIGUSR1))] ? 0 : 8
  }

  static func senseless() -> Int32 {
    guard let poller = try? Poller() else { return 1 }
    for number in [0, 65, SIGKILL, SIGSTOP, 32, 33] {
      for signals: Signals in [Signals(number: number), Signals(number: number).union(.user1)] {
        if Signals(number: number).isEmpty, !signals.isEmpty { continue }
        signals.block()
        let code = refusal { () throws(PollerError) in _ = try SignalRegistration(signals, with: poller.registrar) }
        if code != .invalidArgument { return 2 }
      }
    }
    for number in [0, -1, Int32.min, Int32.max] {
      let code = refusal { () throws(PollerError) in _ = try ProcessRegistration(of: number, with: poller.registrar) }
      if code != .noSuchProcess { return 3 }
    }
    return 0
  }

  static func filtered(_ error: Int32) -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller() else { return 1 }
    let child = ShellChild("exit 0")
    for call in [amy_test_pidfd_open, amy_test_signalfd] where amy_test_refuse(call, -1, 0, error) != 0 { return 2 }
    let process = refusal { () throws(PollerError) in _ = try ProcessRegistration(of: child.id, with: poller.registrar) }
    let signals = refusal { () throws(PollerError) in _ = try SignalRegistration(.user1, with: poller.registrar) }
    child.release()
    child.reap()
    if process != .unsupported { return 3 }
    return signals == .unsupported ? 0 : 4
  }

  /// Tries without a descriptor left, then with one more each time, until they suffice.
  static func withoutDescriptors() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller(), let first = try? SignalRegistration(.user1, with: poller.registrar) else { return 1 }
    let id = first.id
    var events = EventBuffer()
    var limit = rlimit(rlim_cur: 64, rlim_max: 64)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    func open(_ most: Int) -> [Int32] {
      var opened: [Int32] = []
      while opened.count < most, case let number = dup(0), number >= 0 { opened.append(number) }
      return opened
    }
    var spare = open(64)
    for left in 0..<8 {
      let error = refusal { () throws(PollerError) in
        _ = try SignalRegistration(.user1, as: id, with: poller.registrar)
      }
      if error == nil { return left > 0 ? 0 : 2 }
      if error != .descriptorLimit { return 3 }
      let again = open(64)
      for number in again { close(number) }
      if again.count != left { return 4 }
      kill(getpid(), SIGUSR1)
      guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil else { return 5 }
      if events.array != [Event(id: id, kind: .signal(number: SIGUSR1))] { return 6 }
      close(spare.removeLast())
    }
    return 7
  }

  static func withoutWatches() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller() else { return 1 }
    let child = ShellChild("read line")
    // Makes objects that are made once.
    do { _ = try? SignalRegistration(.user1, with: poller.registrar) }
    if amy_test_refuse(amy_test_epoll_control, -1, 0, ENOMEM) != 0 { return 2 }
    let before = try? Descriptors.count()
    for _ in 0..<3 {
      let signals = refusal { () throws(PollerError) in _ = try SignalRegistration(.user1, with: poller.registrar) }
      if signals != .outOfMemory { return 3 }
      let process = refusal { () throws(PollerError) in _ = try ProcessRegistration(of: child.id, with: poller.registrar) }
      if process != .outOfMemory { return 4 }
    }
    let after = try? Descriptors.count()
    child.release()
    child.reap()
    return before == after ? 0 : 5
  }

  static func withoutMemory() -> Int32 {
    Signals.user1.block()
    guard let poller = try? Poller(), let source = try? SignalRegistration(.user1, with: poller.registrar) else { return 1 }
    var events = EventBuffer(capacity: 1 << 16)
    // The first makes objects that are made once.
    for round in 0..<2 {
      kill(getpid(), SIGUSR1)
      if round == 1 {
        // Less than such a buffer; then uses up all freed memory.
        if amy_test_limit_memory(1 << 20) != 0 { return 2 }
        while malloc(1 << 17) != nil {}
      }
      guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil, events.count == 1 else { return 3 }
      if events[0] != Event(id: source.id, kind: .signal(number: SIGUSR1)) { return 4 }
    }
    return 0
  }
}
