import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Foundation
import SystemPackage
import Testing

/// Threads make, replace and drop sources of every kind while others wait, and foreign descriptors reuse freed numbers.
///
/// Each test runs in its own process with all signals blocked in every thread: signals belong to a process.
@Suite("Sources that come and go", .timeLimit(.minutes(10)), .enabled(if: !isThreadSanitized))
struct SourceStressTests {
  @Test("while one thread waits touch no foreign descriptor, and are reported as what they are")
  func oneWaiter() async {
    await #expect(processExitsWith: .success) { expectNothing { try comeAndGo(waiters: 1) } }
  }

  @Test("while several threads wait touch no foreign descriptor, and are reported as what they are")
  func threeWaiters() async {
    await #expect(processExitsWith: .success) { expectNothing { try comeAndGo(waiters: 3) } }
  }

  @Test("are reported after replacing another under its id, and the old one removes only itself")
  func replaced() async {
    await #expect(processExitsWith: .success) { expectNothing { try replace() } }
  }

  @Test("are never reported as something else when a signal and the poller's close() coincide")
  func closed() async {
    await #expect(processExitsWith: .success) { expectNothing { try closeWithSignals() } }
  }
}

/// Expects no findings of a scenario in its own process.
private func expectNothing(_ scenario: () throws -> [String]) {
  let found = report(ofChildFor: 240) { try scenario().joined(separator: "; ") }
  if !found.isEmpty { Issue.record("found: \(found)") }
}

/// Adds a finding if the number of open descriptors changes: after a poller and signals came and went, which may keep some
/// open.
private func withDescriptorsCounted(_ body: () throws -> [String]) throws -> [String] {
  func count() throws -> Int {
    for _ in 0..<2 {
      let poller = try Poller()
      drop(try SignalRegistration(.user2, with: poller.registrar))
    }
    return try Descriptors.count()
  }
  let before = try count()
  var findings = try body()
  // A finding leaves threads behind.
  if findings.isEmpty {
    let after = try count()
    if after != before { findings.append("\(before) descriptors were open before, and \(after) after") }
  }
  return findings
}

// MARK: - Coming and going

private func comeAndGo(waiters: Int) throws -> [String] {
  try withDescriptorsCounted {
    let stage = try SourceStage()
    return stage.run(
      waiters: waiters,
      [
        { try dropSignals(stage, rounds: 3_000) }, { try stranger(stage, rounds: 3_000) },
        { try exchange(stage, .signals(48...50), rounds: 600) }, { try exchange(stage, .child, rounds: 60) },
        { try exchange(stage, .descriptor, rounds: 600) }, { try exchange(stage, .timer, rounds: 600) },
        { try exchange(stage, .channel, rounds: 600) }, { try exchange(stage, .user, rounds: 600) },
      ])
  }
}

/// Drops registrations while a waiter takes their signals and foreign descriptors reuse their numbers.
private func dropSignals(_ stage: SourceStage, rounds: Int) throws {
  let numbers: ClosedRange<Int32> = 40...47
  let id = stage.reserve(.signals(numbers))
  var stranger = try Stranger(stage, seed: 1)
  for _ in 0..<rounds where !stage.isOver {
    let registration = try SignalRegistration(Signals(numbers), as: id, with: stage.registrar)
    for number in numbers { stage.send(number) }
    stranger.linger()
    drop(registration)
    try stranger.visit()
  }
}

private func stranger(_ stage: SourceStage, rounds: Int) throws {
  var stranger = try Stranger(stage, seed: 2)
  for _ in 0..<rounds where !stage.isOver { try stranger.visit() }
}

/// Makes sources of one kind under one id: each replaces another or follows a dropped one, and is reported, or dropped first.
private func exchange(_ stage: SourceStage, _ role: SourceStage.Role, rounds: Int) throws {
  let id = stage.reserve(role)
  var random = SplitMix(state: 3)
  var source: Source?
  for _ in 0..<rounds where !stage.isOver {
    if random.below(2) == 0 { source = nil }
    source = try Source(role, as: id, on: stage)
    let before = stage.told(id)
    try source?.tell()
    if random.below(4) == 0 { continue }
    guard stage.isTold(id, beyond: before, "\(role) is not reported") else { break }
  }
  source = nil
}

private func replace() throws -> [String] {
  try withDescriptorsCounted {
    let stage = try SourceStage()
    let roles: [(SourceStage.Role, Int)] = [
      (.signals(40...42), 300), (.child, 60), (.descriptor, 300), (.timer, 300), (.channel, 300), (.user, 300),
    ]
    return stage.run(
      waiters: 2,
      roles.map { role, rounds in
        {
          let id = stage.reserve(role)
          var source = try Source(role, as: id, on: stage)
          for _ in 0..<rounds where !stage.isOver {
            source = try Source(role, as: id, on: stage)
            let before = stage.told(id)
            try source.tell()
            guard stage.isTold(id, beyond: before, "\(role) is not reported after it replaced another") else { break }
          }
        }
      })
  }
}

// MARK: - Closing

private func closeWithSignals() throws -> [String] {
  try withDescriptorsCounted {
    var findings: Set<String> = []
    var random = SplitMix(state: 4)
    for _ in 0..<500 {
      let poller = try Poller()
      let registration = try SignalRegistration(.user1, with: poller.registrar)
      let id = registration.id
      let waiter = SystemThread.spawn("waiter") { () -> [Event] in
        var events = EventBuffer()
        var seen: [Event] = []
        while (try? poller.wait(into: &events)) != nil { seen += events.array }
        return seen
      }
      let delays = (random.below(40_000), random.below(40_000))
      let closer = SystemThread.spawn("closer") {
        spin(delays.0)
        poller.close()
      }
      spin(delays.1)
      ProcessProbe.send(SIGUSR1)
      closer.join()
      for event in waiter.join() where event != Event(id: id, kind: .signal(number: SIGUSR1)) {
        findings.insert("the id of signals was reported as \(event.kind)")
      }
      drop(registration)
    }
    return Array(findings)
  }
}

// MARK: - Participants

/// A source of some kind, and what makes it ready.
private final class Source {
  let tell: () throws -> Void

  init(_ role: SourceStage.Role, as id: Event.ID, on stage: SourceStage) throws {
    let registrar = stage.registrar
    switch role {
    case .descriptor:
      let pair = try UnixStream.pair()
      let far = Holder(pair.second)
      let near = Holder(try Registration(pair.first, as: id, with: registrar, for: .readable))
      tell = { try withExtendedLifetime(near) { _ = try far.value.write([1]) } }
    case .timer:
      let timer = Holder(TimerRegistration(as: id, with: registrar))
      tell = { try timer.value.schedule(after: .zero) }
    case .channel:
      let (sender, receiver) = try registrar.makeChannel(of: Int.self, as: id)
      tell = { withExtendedLifetime(receiver) { _ = sender.send(1) } }
    case .user:
      let event = try registrar.makeUserEvent(as: id)
      tell = { try event.trigger() }
    case .signals(let numbers):
      let registration = Holder(try SignalRegistration(Signals(numbers), as: id, with: registrar))
      tell = { withExtendedLifetime(registration) { numbers.forEach(stage.send) } }
    case .child:
      let child = try Child()
      let registration = Holder(try ProcessRegistration(of: child.process.id, as: id, with: registrar))
      tell = { withExtendedLifetime(registration) { child.process.kill() } }
    }
  }
}

private final class Holder<Value: ~Copyable> {
  var value: Value
  init(_ value: consuming Value) { self.value = value }
}

/// A child, killed and reaped with this object.
private final class Child {
  let process: ChildProcess

  init() throws {
    guard let process = ChildProcess.sleeping() else { throw Errno.resourceTemporarilyUnavailable }
    self.process = process
  }

  deinit {
    process.kill()
    process.reap()
  }
}

/// Opens foreign descriptors, and checks what became of them.
private struct Stranger {
  private let stage: SourceStage
  private let id: Event.ID
  private let knock: UserEvent
  private var random: SplitMix

  init(_ stage: SourceStage, seed: UInt64) throws {
    self.stage = stage
    id = stage.reserve(.descriptor)
    knock = try stage.registrar.makeUserEvent(as: stage.reserve(.user))
    random = SplitMix(state: seed)
  }

  /// About as long as a waiter may take to get here.
  mutating func linger() { spin(random.below(30_000)) }

  mutating func visit() throws {
    switch random.below(4) {
    case 0: try keepBytes()
    case 1: try sayNothing()
    default: try beTold()
    }
  }

  /// Opens a blocking pipe whose bytes no other thread may read.
  private mutating func keepBytes() throws {
    let pipe = try FileDescriptor.pipe()
    let bytes = [UInt8](repeating: 0x41, count: 2_048)
    _ = try pipe.writeEnd.writeAll(bytes)
    linger()
    try pipe.writeEnd.close()
    var buffer = bytes
    let count = try buffer.withUnsafeMutableBytes { try pipe.readEnd.read(into: $0) }
    try pipe.readEnd.close()
    if count != bytes.count { stage.find("of \(bytes.count) bytes in a foreign pipe, \(count) are left") }
  }

  /// Opens an empty, blocking pipe for which no other thread may wait.
  private mutating func sayNothing() throws {
    let pipe = try FileDescriptor.pipe()
    linger()
    let before = stage.told(knock.id)
    try knock.trigger()
    if !stage.isTold(knock.id, beyond: before, "no wait returns while a foreign pipe is empty") { return }
    try pipe.writeEnd.close()
    try pipe.readEnd.close()
  }

  /// Registers a socket with the same poller, to be reported under its own id.
  private mutating func beTold() throws {
    let pair = try UnixStream.pair()
    let near = try Registration(
      pair.first, as: id, with: stage.registrar, for: .readable, trigger: [.once, .edge, .level][random.below(3)])
    linger()
    let before = stage.told(id)
    _ = try pair.second.write([1])
    if !stage.isTold(id, beyond: before, "a foreign socket is no longer reported") { return }
    var bytes: [UInt8] = []
    if try near.source.read(appendingTo: &bytes, atMost: 8) != .bytes(1) { stage.find("the byte of a foreign socket is gone") }
  }
}

extension Signals {
  fileprivate init(_ numbers: ClosedRange<Int32>) {
    self = numbers.reduce(into: []) { $0.formUnion(Signals(number: $1)) }
  }
}

/// Destroys a value here, not earlier.
private func drop<Value: ~Copyable>(_ value: consuming Value) {}

private func spin(_ nanoseconds: Int) {
  let begin = MonotonicClock.now
  while MonotonicClock.now - begin < UInt64(nanoseconds) {}
}
