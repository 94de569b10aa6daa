import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import Foundation
import Synchronization
import SystemPackage
import Testing

/// Forks at the worst moments: no call in the child waits for what another thread does or holds.
@Suite("In a child forked from busy threads", .timeLimit(.minutes(10)))
struct ForkCallTests {
  @Test("no public call waits for a lock, with every lock held by another thread at the fork")
  func locksHeld() async {
    await #expect(processExitsWith: .success) {
      let belongings = try Belongings.ready()
      defer { kill(belongings.child, SIGKILL) }
      for kind in KernelDifferences.system.childKinds {
        try holdingEveryLock(of: belongings) { try callEach(belongings, in: kind) }
      }
    }
  }

  @Test(
    "every public call returns or throws, while other threads are inside every part of the library",
    .enabled(if: !isThreadSanitized))
  func busy() async {
    await #expect(processExitsWith: .success) {
      let belongings = try Belongings.ready()
      defer { kill(belongings.child, SIGKILL) }
      let bustle = Bustle(belongings)
      bustle.waitForFirstUses()
      // Not by clone(2): fork(2) handles the C library's locks, such as the allocator's.
      for _ in 0..<20 { try callEach(belongings, in: .forked) }
      bustle.end()
    }
  }

  @Test("a receiving closure that forks goes on in the child, and leftover messages or an error do no harm")
  func forkWhileReceiving() async {
    await #expect(processExitsWith: .success) {
      for isThrowing in [false, true] {
        let (sender, receiver) = try makeChannel(of: Int.self)
        for number in 0..<3 { #expect(sender.send(number) == nil) }
        let (isHeld, isOver) = (Tally(), Tally())
        let channel = receiver.channel
        var child: Int32 = -1
        do throws(PollerError) {
          try receiver.receiveAll { number throws(PollerError) in
            if child == -1 {
              let holder = SystemThread.spawn("holder") {
                hold([channel]) {
                  isHeld.add(1)
                  isOver.wait(for: 1)
                }
              }
              isHeld.wait(for: 1)
              child = amy_test_fork()
              if child > 0 {
                isOver.add(1)
                holder.join()
              } else {
                _ = Unmanaged.passRetained(holder)
              }
            }
            if isThrowing { throw PollerError(.other) }
          }
        } catch {
          #expect(isThrowing)
        }
        if child == 0 { _exit(receiver.tryReceive() == .empty ? 0 : 1) }
        #expect(child > 0 && amy_test_wait(child) == 0, "the call did not return in the child, throwing: \(isThrowing)")
      }
    }
  }

  @Test("state under a lock held at the fork is left alone: it may be half changed")
  func halfChanged() async {
    await #expect(processExitsWith: .success) {
      let memory = UnsafeMutablePointer<FutexMutex<Probe>>.allocate(capacity: 1)
      memory.initialize(to: FutexMutex(Probe()))
      let address = UInt(bitPattern: memory)
      let isHeld = Tally()
      let isOver = Tally()
      let thread = SystemThread.spawn("holder") {
        guard let memory = UnsafeMutablePointer<FutexMutex<Probe>>(bitPattern: address) else { return }
        memory.pointee.withLock { _ in
          isHeld.add(1)
          isOver.wait(for: 1)
        }
      }
      isHeld.wait(for: 1)
      let result = inChild(.forked) {
        memory.deinitialize(count: 1)
        return Probe.ends.load(ordering: .relaxed)
      }
      #expect(result == 0, "the state was destroyed")
      isOver.add(1)
      thread.join()
      memory.deinitialize(count: 1)
      memory.deallocate()
      #expect(Probe.ends.load(ordering: .relaxed) == 1)
    }
  }

  @Test("the list of calls is complete: every public call is in it")
  func list() throws {
    let calls = try PublicCalls.byType("Amy")
    #expect(calls.count > 20)
    let known = Set(ForkCall.all.map(\.name))
    for (type, members) in calls where !Self.values.contains(type) && !type.contains(".") {
      for member in members {
        let name = type.isEmpty ? member : "\(type).\(member)"
        #expect(known.contains(name), "not called in a forked child: add it to ForkCalls.swift, or its type to the values")
      }
    }
    let all = Set(calls.flatMap { type, members in members.map { type.isEmpty ? $0 : "\(type).\($0)" } })
    for name in known where !name.hasPrefix("the end of") { #expect(all.contains(name), "not a public call") }
  }

  /// Types without a lock, a poller or a channel: values, and tables of one thread.
  static let values: Set<String> = [
    "Deadline", "Event", "EventBuffer", "EventTable", "Interest", "Pollable", "PollerError", "Readiness", "ReceiveOutcome",
    "ScheduledTimer", "SendOutcome", "Signals", "Trigger", "FileDescriptor", "CInt", "UInt32", "UInt64", "Duration",
  ]

  @Test(
    "the other modules and the C code have no lock that a child could wait for",
    arguments: ["AmySockets", "AmyStreams", "CAmy"])
  func noLocks(_ module: String) throws {
    let sources = try PublicCalls.sources(of: module)
    #expect(!sources.isEmpty)
    // Without futex(2), amy_address_wait is emulated with a lock that only waiting threads take: a child does not wait.
    for source in sources where source.path != "address.c" {
      for word in ["FutexMutex", "Mutex", "withLock", "Monitor", "pthread_mutex", "core.", "Registrar"] {
        let code = source.text.components(separatedBy: "\n").filter { !$0.contains("//") }
        #expect(!code.contains { $0.contains(word) }, "\(module)/\(source.path): \(word)")
      }
    }
  }
}

/// Counts its instances destroyed in this process.
private struct Probe: ~Copyable, Sendable {
  static let ends = Atomic<Int32>(0)
  deinit { Self.ends.add(1, ordering: .relaxed) }
}

extension Belongings {
  /// Returns belongings with a child and a signal; what calls need at first use exists before the fork.
  static func ready() throws -> Belongings {
    Signals.user2.block()
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    #expect(posix_spawn(&child, "/bin/sleep", nil, nil, arguments, environ) == 0)
    let belongings = try Belongings(child: child)
    for call in ForkCall.all { _ = call.name }
    return belongings
  }
}

/// Makes each call in order in a forked child, and starts another after each that did not return.
private func callEach(_ belongings: Belongings, in kind: ChildKind) throws {
  var next = 0
  while next < ForkCall.all.count {
    let (ear, mouth) = try FileDescriptor.pipe()
    defer { try? ear.close() }
    let first = next
    let result = inChild(kind) {
      for number in first..<ForkCall.all.count {
        tell(mouth, number, 2)
        tell(mouth, number, ForkCall.all[number].isRight(belongings) ? 1 : 0)
      }
      return 0
    }
    try mouth.close()
    var last = first
    while let (number, outcome) = try hear(ear) {
      last = number
      if outcome == 0 { Issue.record("\(ForkCall.all[number].name) broke its promise in a child by \(kind)") }
    }
    next = last + 1
    if result != 0 { Issue.record("\(ForkCall.all[last].name) did not return in a child by \(kind): \(result)") }
  }
}

private func tell(_ mouth: FileDescriptor, _ number: Int, _ outcome: UInt8) {
  withUnsafeBytes(of: (UInt8(number), outcome)) { _ = try? mouth.write($0) }
}

private func hear(_ ear: FileDescriptor) throws -> (number: Int, outcome: UInt8)? {
  var bytes: (UInt8, UInt8) = (0, 0)
  let count = try withUnsafeMutableBytes(of: &bytes) { try ear.read(into: $0) }
  return count == 2 ? (Int(bytes.0), bytes.1) : nil
}

/// Runs a closure while another thread holds all locks of the poller and the channels.
private func holdingEveryLock(of belongings: Belongings, _ body: () throws -> Void) throws {
  guard let core = belongings.poller?.core else { return }
  let channels = [belongings.receiver, belongings.boundedReceiver, belongings.loneReceiver].compactMap { $0?.channel }
  let (isHeld, isOver) = (Tally(), Tally())
  let thread = SystemThread.spawn("holder") {
    core.timers.withLock { _ in
      core.ready.withLock { _ in
        core.internals.withLock { _ in
          hold(channels[...]) {
            isHeld.add(1)
            isOver.wait(for: 1)
          }
        }
      }
    }
  }
  isHeld.wait(for: 1)
  defer {
    isOver.add(1)
    thread.join()
  }
  try body()
}

private func hold(_ channels: ArraySlice<Channel<Int>>, _ body: () -> Void) {
  guard let first = channels.first else { return body() }
  first.state.withLock { _ in hold(channels.dropFirst(), body) }
}

/// Threads inside every part of the library until told to end.
private final class Bustle {
  private let isOver = Flag()
  private let arrived = Tally()
  private var threads: [SystemThread<Void, any Error>] = []

  init(_ belongings: Belongings) {
    let registrar = belongings.registrar
    guard let poller = belongings.poller, let user = belongings.user, let sender = belongings.sender,
      let receiver = belongings.receiver, let bounded = belongings.bounded, let boundedReceiver = belongings.boundedReceiver,
      let loneSender = belongings.loneSender, let loneReceiver = belongings.loneReceiver
    else { return }
    let child = belongings.child
    start("waiter") { rounds in
      var events = EventBuffer()
      while rounds.next() { try poller.wait(into: &events, timeout: .milliseconds(1)) }
    }
    start("timers") { rounds in
      while rounds.next() {
        var timers = try (0..<64).map { try registrar.scheduleTimer(after: .microseconds(10 * $0)) }
        for index in timers.indices { try registrar.reschedule(&timers[index], after: .seconds(1)) }
        for timer in timers { registrar.cancel(timer) }
      }
    }
    start("messages") { rounds in
      while rounds.next() {
        for number in 0..<16 { _ = sender.send(number) }
        try user.trigger()
        _ = receiver.tryReceive()
        receiver.receiveAll { _ in }
      }
    }
    start("sender") { rounds in
      while rounds.next() {
        _ = bounded.send(1, until: .now + .milliseconds(1))
        _ = loneSender.send(1)
      }
    }
    start("receiver") { rounds in
      while rounds.next() {
        _ = boundedReceiver.receive(timeout: .milliseconds(1))
        while case .message = loneReceiver.receive(timeout: .microseconds(100), spinning: .microseconds(10)) {}
      }
    }
    start("descriptors") { rounds in
      let pair = try UnixStream.pair()
      while rounds.next() {
        let id = try registrar.register(pair.first, for: .readable)
        try registrar.reregister(pair.first, as: id, for: .writable, trigger: .edge)
        try registrar.deregister(pair.first)
      }
    }
    start("sources") { rounds in
      while rounds.next() {
        let process = try ProcessRegistration(of: child, with: registrar)
        let channel = try registrar.makeChannel(of: Int.self, capacity: 1)
        _ = (process.id, channel.sender.trySend(1))
      }
    }
    start("pollers") { rounds in
      while rounds.next() {
        let poller = try Poller()
        _ = try poller.registrar.scheduleTimer(after: .zero)
        try poller.registrar.makeUserEvent().trigger()
        poller.close()
      }
    }
  }

  private func start(_ name: String, _ body: @escaping @Sendable (inout Rounds) throws -> Void) {
    let rounds = Rounds(isOver: isOver, arrived: arrived)
    threads.append(
      SystemThread.spawn(name) {
        var rounds = rounds
        try body(&rounds)
      })
  }

  /// Returns once each thread has done everything at least once.
  ///
  /// Swift's runtime instantiates a generic type at its first use, under a lock that Amy cannot control.
  func waitForFirstUses() {
    arrived.wait(for: threads.count)
  }

  func end() {
    isOver.set()
    for thread in threads { #expect(throws: Never.self) { try thread.join() } }
  }
}

private struct Rounds: Sendable {
  let isOver: Flag
  let arrived: Tally
  private var count = 0

  init(isOver: Flag, arrived: Tally) {
    self.isOver = isOver
    self.arrived = arrived
  }

  mutating func next() -> Bool {
    if count == 2 { arrived.add(1) }
    count += 1
    return !isOver.isSet
  }
}
