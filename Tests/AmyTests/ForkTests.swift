import Amy
import AmySockets
import AmyTestSupport
import SystemPackage
import Testing

/// Each test runs in its own process, where no other test's thread holds a lock at the fork.
@Suite("In a forked child", .timeLimit(.minutes(10)))
struct ForkTests {
  @Test("every call of a poller and its registrar throws")
  func everyCallThrows() async {
    await #expect(processExitsWith: .success) { try inEachChild(Scenario.everyCallThrows) }
  }

  @Test("what goes there changes nothing of the parent's queue, and closes no number")
  func deinitsDoNothing() async {
    await #expect(processExitsWith: .success) { try inEachChild(Scenario.deinitsDoNothing) }
  }

  @Test("a new poller works, and the old one still refuses")
  func newPoller() async {
    await #expect(processExitsWith: .success) { try inEachChild(Scenario.newPoller) }
  }
}

private func inEachChild(_ scenario: (ChildKind) throws -> Void) throws {
  for kind in KernelDifferences.system.childKinds { try scenario(kind) }
}

private enum Scenario {
  static func everyCallThrows(_ kind: ChildKind) throws {
    let poller = try Poller()
    let registrar = poller.registrar
    let pair = try UnixStream.pair()
    let near = pair.first.fileDescriptor
    let id = registrar.reserveID()
    let allowed = inChild(kind) {
      var allowed: Int32 = 0
      if !isRefused({ () throws(PollerError) in try registrar.register(near, as: id, for: .readable) }) { allowed += 1 }
      if !isRefused({ () throws(PollerError) in
        try registrar.reregister(near, as: id, for: .readable, trigger: .once)
      }) {
        allowed += 2
      }
      if !isRefused({ () throws(PollerError) in try registrar.deregister(near) }) { allowed += 4 }
      if !isRefused({ () throws(PollerError) in try registrar.wake() }) { allowed += 8 }
      if !isRefused({ () throws(PollerError) in try poller.wake() }) { allowed += 16 }
      if !isRefused({ () throws(PollerError) in try wait(poller, nil) }) { allowed += 32 }
      return allowed
    }
    #expect(allowed == 0, "one bit for each call that did not refuse")
  }

  static func deinitsDoNothing(_ kind: ChildKind) throws {
    let holder = Holder()
    let pair = try UnixStream.pair()
    let far = pair.second
    let queue = try holder.fill(pair.first)
    let isInherited = KernelDifferences.system.isInheritedByFork
    // Drops all it inherited, then looks at the numbers.
    let result = inChild(kind) {
      holder.registration = nil
      holder.poller?.close()
      holder.poller = nil
      return isInherited && Descriptors.closesOnExec(queue) == nil ? 97 : 0
    }
    #expect(result == 0, "the number was closed in the child")
    let poller = try #require(holder.poller)
    var events = EventBuffer()
    let start = SuspendingClock.now
    try poller.wait(into: &events, timeout: .milliseconds(5))
    #expect(SuspendingClock.now - start >= .milliseconds(5), "the child's close signalled a waker of the parent")
    _ = try far.write([1])
    try poller.wait(into: &events, timeout: .seconds(60))
    #expect(events.array.map(\.kind) == [.ready(.readable)], "the parent's registration was changed")
  }

  static func newPoller(_ kind: ChildKind) throws {
    let old = try Poller()
    let pair = try UnixStream.pair()
    let near = pair.first.fileDescriptor
    let result = inChild(kind) {
      do throws(PollerError) {
        let poller = try Poller()
        let id = try poller.registrar.register(near, for: .writable)
        var events = EventBuffer()
        try poller.wait(into: &events, timeout: .seconds(10))
        guard events.count == 1, events[0].id == id else { return 1 }
        try poller.wake()
        try poller.wait(into: &events)
      } catch {
        return 2
      }
      do throws(PollerError) {
        try old.wake()
        return 3
      } catch {
        return error == PollerError(.forked) ? 0 : 4
      }
    }
    #expect(result == 0)
    try old.wake()
  }

  /// The only references, for a child to drop.
  private final class Holder {
    var poller: Poller?
    var registration: Registration<UnixStream>?

    /// Makes a poller with a stream, and returns the poller's descriptor.
    func fill(_ stream: consuming UnixStream) throws -> FileDescriptor {
      let poller = try Poller()
      registration = try Registration(stream, with: poller.registrar, for: .readable)
      self.poller = poller
      return poller.fileDescriptor
    }
  }
}

private func wait(_ poller: Poller, _ timeout: Duration?) throws(PollerError) {
  var events = EventBuffer()
  try poller.wait(into: &events, timeout: timeout)
}

private func isRefused(_ call: () throws(PollerError) -> Void) -> Bool {
  do throws(PollerError) {
    try call()
    return false
  } catch {
    return error == PollerError(.forked)
  }
}
