import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import SystemPackage
import Testing

/// A descriptor's number is no identity: the kernel reuses it, and other things have numbers.
@Suite(
  "A descriptor's number", .enabled(if: DescriptorLimit.current.hard >= 256, "needs dozens of descriptors"),
  .timeLimit(.minutes(10)))
struct NumberTests {
  let poller: Poller
  let registrar: Registrar

  init() throws {
    poller = try Poller()
    registrar = poller.registrar
  }

  private func poll() throws -> [Event] {
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .zero)
    return events.array
  }

  /// Returns a socket with a byte to read, under a number registered for another one with the returned id.
  private func replaced(_ interest: Interest, _ trigger: Trigger) throws -> (source: FileDescriptor, old: Event.ID) {
    let first = try UnixStream.pair()
    let second = try UnixStream.pair()
    let old = try registrar.register(first.first, for: interest, trigger: trigger)
    _ = try second.second.write([1])
    let near = second.first.release()
    let number = first.first.release()
    // dup2(2) closes the number's file and reuses the number in one step.
    let source = try near.duplicate(as: number)
    try near.close()
    _ = second.second.release()
    return (source, old)
  }

  static let interests: [Interest] = [.none, .readable, .writable, [.readable, .writable]]

  @Test("that was closed while registered can be registered for another file", arguments: interests, Trigger.allCases)
  func registersReused(_ interest: Interest, _ trigger: Trigger) throws {
    let (source, old) = try replaced(interest, trigger)
    defer { try? source.close() }
    let id = try registrar.register(source, for: .readable, trigger: .once)
    #expect(id != old)
    #expect(throws: PollerError(.alreadyRegistered, errno: .fileExists)) {
      _ = try registrar.register(source, for: .readable)
    }
    #expect(try poll() == [Event(id: id, kind: .ready(.readable))])
    try registrar.reregister(source, as: id, for: .writable, trigger: trigger)
    #expect(try poll() == [Event(id: id, kind: .ready(.writable))])
    try registrar.deregister(source)
    #expect(try poll().isEmpty)
  }

  @Test("that was closed while registered is not registered", arguments: interests, Trigger.allCases)
  func knowsReused(_ interest: Interest, _ trigger: Trigger) throws {
    let unknown = PollerError(.notRegistered, errno: .noSuchFileOrDirectory)
    for other in Trigger.allCases {
      let (source, old) = try replaced(interest, trigger)
      defer { try? source.close() }
      #expect(throws: unknown) { try registrar.reregister(source, as: old, for: .readable, trigger: other) }
      #expect(try poll().isEmpty, "a part of the refused change is left")
      #expect(throws: unknown) { try registrar.deregister(source) }
      let id = try registrar.register(source, for: .readable)
      #expect(try poll() == [Event(id: id, kind: .ready(.readable))])
    }
    let (source, _) = try replaced(interest, trigger)
    defer { try? source.close() }
    #expect(throws: unknown) { try registrar.deregister(source) }
    #expect(try poll().isEmpty)
  }

  @Test("that is closed is a bad descriptor, registered or not", arguments: Trigger.allCases)
  func closed(_ trigger: Trigger) throws {
    let bad = PollerError(.badDescriptor, errno: .badFileDescriptor)
    let pair = try UnixStream.pair()
    // So high that nothing else gets it.
    let near = try pair.first.fileDescriptor.duplicate(as: FileDescriptor(rawValue: 900 + CInt(trigger.rawValue)))
    let id = try registrar.register(near, for: .readable, trigger: trigger)
    try near.close()
    #expect(throws: bad) { try registrar.reregister(near, as: id, for: .writable, trigger: trigger) }
    #expect(throws: bad) { try registrar.reregister(near, as: id, for: .writable, trigger: .level) }
    #expect(throws: bad) { try registrar.deregister(near) }
    #expect(throws: bad) { try registrar.deregister(near) }
    #expect(throws: bad) { try registrar.register(near, as: id, for: .readable) }
    #expect(throws: bad) { try registrar.register(FileDescriptor(rawValue: -1), as: id, for: .readable) }
    #expect(try poll().isEmpty)
  }

  @Test("may equal a number that the poller uses internally", arguments: [0, 1, 2])
  func collides(_ number: CInt) async {
    // A kqueue's user events have numbers: the first are those of standard input and output, which a child can do without. It
    // is forked from a process where no other thread holds a lock of the runtime.
    await #expect(processExitsWith: .success) { [number = number as CInt] in
      #expect(Self.exercise(FileDescriptor(rawValue: 910 + number)) == 0)
      #expect(inChild(.forked) { Self.exercise(FileDescriptor(rawValue: number)) } == 0)
    }
  }

  /// Registers a socket under that number, with wakes between; returns 0, or how far it got.
  private static func exercise(_ number: FileDescriptor) -> Int32 {
    guard let pair = try? UnixStream.pair(), (try? pair.second.write([1])) != nil, let poller = try? Poller(),
      let near = try? pair.first.fileDescriptor.duplicate(as: number)
    else { return 90 }
    defer { try? near.close() }
    let registrar = poller.registrar
    var events = EventBuffer()
    for trigger in Trigger.allCases {
      guard let id = try? registrar.register(near, for: [.readable, .writable], trigger: trigger),
        (try? registrar.wake()) != nil, (try? poller.wait(into: &events)) != nil
      else { return 91 }
      guard events.count == 1, events[0] == Event(id: id, kind: .ready([.readable, .writable])) else { return 1 }
      guard (try? registrar.deregister(near)) != nil, (try? registrar.wake()) != nil, (try? poller.wait(into: &events)) != nil
      else { return 92 }
      if !events.isEmpty { return 2 }
    }
    poller.close()
    do throws(PollerError) {
      try poller.wait(into: &events)
      return 3
    } catch {
      return error == PollerError(.closed) ? 0 : 4
    }
  }
}

@Suite("A registration that fails", .timeLimit(.minutes(10)))
struct FailedRegistrationTests {
  let poller: Poller
  let registrar: Registrar
  /// A pipe's writer without a reader: a kqueue attaches the read filter, but not the write filter.
  let writer: FileDescriptor

  init() throws {
    poller = try Poller()
    registrar = poller.registrar
    let pipe = try FileDescriptor.pipe()
    try pipe.readEnd.close()
    writer = pipe.writeEnd
  }

  static let broken = PollerError(.connectionReset, errno: .brokenPipe)

  private func poll() throws -> [Event] {
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .zero)
    return events.array
  }

  @Test("leaves nothing behind", arguments: Trigger.allCases)
  func leavesNothing(_ trigger: Trigger) throws {
    defer { try? writer.close() }
    if KernelDifferences.system.registersWritersWithoutReader {
      let id = try registrar.register(writer, for: [.readable, .writable], trigger: trigger)
      #expect(try poll().map(\.id) == [id])
      return
    }
    for interest: Interest in [.writable, [.readable, .writable]] {
      #expect(throws: Self.broken) { _ = try registrar.register(writer, for: interest, trigger: trigger) }
      #expect(try poll().isEmpty)
      #expect(throws: PollerError(.notRegistered, errno: .noSuchFileOrDirectory)) { try registrar.deregister(writer) }
    }
  }

  @Test("to change leaves the old one as it was", arguments: Trigger.allCases, Trigger.allCases)
  func staysAsItWas(_ trigger: Trigger, _ other: Trigger) throws {
    defer { try? writer.close() }
    // A nested poller cannot be watched for writing on a kqueue.
    let inner = try Poller()
    let id = try registrar.register(inner, for: .readable, trigger: trigger)
    if !KernelDifferences.system.watchesPollersForWriting {
      #expect(throws: PollerError(.notPollable, errno: .notPermitted)) {
        try registrar.reregister(inner, as: .next(), for: [.readable, .writable], trigger: other)
      }
    }
    #expect(try poll().isEmpty)
    try inner.wake()
    let ready = Event(id: id, kind: .ready(.readable))
    #expect(try poll() == [ready])
    #expect(try poll() == (trigger == .level ? [ready] : []))
    try registrar.deregister(inner)
  }

  @Test("for writing to a poller leaves nothing behind, where the kernel has no write filter")
  func pollers() throws {
    defer { try? writer.close() }
    let inner = try Poller()
    if KernelDifferences.system.watchesPollersForWriting {
      _ = try registrar.register(inner, for: .writable)
    } else {
      #expect(throws: PollerError(.notPollable, errno: .notPermitted)) { _ = try registrar.register(inner, for: .writable) }
      #expect(throws: PollerError(.notRegistered, errno: .noSuchFileOrDirectory)) { try registrar.deregister(inner) }
      _ = try registrar.register(inner, for: .readable)
    }
    try registrar.deregister(inner)
  }
}
