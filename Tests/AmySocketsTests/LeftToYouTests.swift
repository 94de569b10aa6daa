import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Foundation
import SystemPackage
import Testing

/// The facts of "What the kernel leaves to you" about descriptors and processes.
///
/// Addresses, datagrams and options have theirs.
@Suite("What the kernel leaves to you", .timeLimit(.minutes(10)))
struct LeftToYouTests {
  // MARK: Closing

  @Test("is that closing a TCP stream with unread input cuts off the peer's unread bytes")
  func closingWithUnreadInput() throws {
    let pair = try tcpPair()
    let client = pair.first
    let server = pair.second
    #expect(try client.write([1]) == .bytes(1))
    try wait(for: .readable, on: server)
    let written = try fill(server)
    close(server)
    var read = 0
    let cut = error {
      while true {
        let (bytes, result) = try drain(client)
        read += bytes.count
        if result == .closed { return }
        try wait(for: .readable, on: client)
      }
    }
    #expect(cut?.code == .connectionReset)
    #expect(read < written)
  }

  @Test("is that nothing is cut off after shutting down writing and reading to the end, within bounds")
  func closingGracefully() throws {
    let pair = try tcpPair()
    let client = pair.first
    let server = pair.second
    #expect(try client.write([UInt8](repeating: 1, count: 100_000)) == .bytes(100_000))
    let written = try fill(server)
    try server.shutdown(.writing)
    var read = 0
    while true {
      let (bytes, result) = try drain(client)
      read += bytes.count
      if result == .closed { break }
      try wait(for: .readable, on: client)
    }
    #expect(read == written)
    close(client)
    var rest = 0
    while true {
      let (bytes, result) = try drain(server)
      rest += bytes.count
      if result == .closed { break }
      try wait(for: .readable, on: server)
    }
    #expect(rest == 100_000)
  }

  // MARK: Readiness

  @Test(
    "is that edge does not report clients left waiting at a listener, but level and once do",
    .enabled(if: DescriptorLimit.current.soft >= 512, "needs hundreds of descriptors"), arguments: Trigger.allCases)
  func listeners(_ trigger: Trigger) throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let address = try listener.localEndpoint
    let poller = try Poller()
    let registration = try poller.registrar.register(listener, for: .readable, trigger: trigger)
    var events = EventBuffer()
    let first = try (0..<100).map { _ in try TCPStream(connectingTo: address).release() }
    defer { for descriptor in first { try? descriptor.close() } }
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.count == 1)
    let batch = try listener.acceptAll { (_, _) in }
    #expect(batch == AcceptBatch(count: 64, isDrained: false))
    if trigger == .once { try poller.registrar.reregister(listener, as: registration, for: .readable, trigger: .once) }
    try poller.wait(into: &events, timeout: .zero)
    #expect((events.count == 0) == (trigger == .edge))
    if trigger == .edge {
      // Two remedies: another client, or reregistering.
      try poller.registrar.reregister(listener, as: registration, for: .readable, trigger: .edge)
      try poller.wait(into: &events, timeout: .seconds(30))
      #expect(events.count == 1)
    }
    #expect(try listener.acceptAll { (_, _) in } == AcceptBatch(count: 36, isDrained: true))
  }

  @Test(
    "is that a closed peer is not reported with an empty interest, but at once with any other",
    arguments: Transport.allCases)
  func silentEnd(_ transport: Transport) throws {
    func check(_ near: borrowing some StreamSocket & ~Copyable, _ far: consuming some StreamSocket & ~Copyable) throws {
      let poller = try Poller()
      let id = try poller.registrar.register(near, for: .none, trigger: .level)
      var events = EventBuffer()
      close(far)
      try waitUntilEnded(near)
      try poller.wait(into: &events, timeout: .zero)
      #expect(events.count == 0)
      try poller.registrar.reregister(near, as: id, for: .readable, trigger: .level)
      try poller.wait(into: &events, timeout: .seconds(30))
      #expect(events.count == 1)
      if events.count == 1 { #expect(events[0].readiness.contains([.readable, .readClosed])) }
    }
    switch transport {
    case .tcp:
      let pair = try tcpPair()
      try check(pair.first, pair.second)
    case .unix:
      let pair = try UnixStream.pair()
      try check(pair.first, pair.second)
    }
  }

  @Test("is that edge reports the peer's end even while nothing is read", arguments: Transport.allCases)
  func endByEdge(_ transport: Transport) throws {
    func check(_ near: borrowing some StreamSocket & ~Copyable, _ far: consuming some StreamSocket & ~Copyable) throws {
      let poller = try Poller()
      _ = try poller.registrar.register(near, for: .readable, trigger: .edge)
      var events = EventBuffer()
      #expect(try far.write([1]) == .bytes(1))
      try poller.wait(into: &events, timeout: .seconds(30))
      #expect(events.count == 1)
      if events.count == 1 { #expect(events[0].readiness == .readable) }
      try poller.wait(into: &events, timeout: .zero)
      #expect(events.count == 0)
      close(far)
      try poller.wait(into: &events, timeout: .seconds(30))
      #expect(events.count == 1)
      if events.count == 1 { #expect(events[0].readiness.contains(.readClosed)) }
      #expect(try drain(near).bytes == [1])
    }
    switch transport {
    case .tcp:
      let pair = try tcpPair()
      try check(pair.first, pair.second)
    case .unix:
      let pair = try UnixStream.pair()
      try check(pair.first, pair.second)
    }
  }

  /// Waits until the end has arrived, by another poller's report.
  private func waitUntilEnded(_ stream: borrowing some StreamSocket & ~Copyable) throws {
    let readiness = try wait(for: .readable, on: stream)
    #expect(readiness.contains(.readClosed))
  }

  @Test("is that a FIFO without a writer is ready in each wait, and one that is its own writer is not")
  func fifos() throws {
    let path = Unique.path()
    #expect(mkfifo(path, 0o600) == 0)
    defer { Files.remove(path) }
    func open(_ mode: FileDescriptor.AccessMode) throws -> FileDescriptor {
      try FileDescriptor.open(FilePath(path), mode, options: [.nonBlocking, .closeOnExec])
    }
    let poller = try Poller()
    var events = EventBuffer()
    let reader = try open(.readOnly)
    defer { try? reader.close() }
    _ = try poller.registrar.register(reader, for: .readable, trigger: .level)
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.count == 0)
    let writer = try open(.writeOnly)
    #expect(try writer.writeAll([1]) == 1)
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.count == 1)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 9, alignment: 1)
    defer { bytes.deallocate() }
    #expect(try reader.read(into: bytes) == 1)
    try writer.close()
    for _ in 0..<10 {
      try poller.wait(into: &events, timeout: .zero)
      #expect(events.count == 1)
      if events.count == 1 { #expect(events[0].readiness.contains([.readable, .readClosed])) }
      #expect(try reader.read(into: bytes) == 0)
    }
    try poller.registrar.deregister(reader)

    #if os(Linux)
    let own = try open(.readWrite)
    defer { try? own.close() }
    _ = try poller.registrar.register(own, for: .readable, trigger: .level)
    let other = try open(.writeOnly)
    #expect(try other.writeAll([2]) == 1)
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.count == 1)
    #expect(try own.read(into: bytes) == 1)
    try other.close()
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.count == 0)
    #endif
  }

  // MARK: Signals and children

  @Test(
    "is that a signal to one thread is not reported, and one to the process is",
    .enabled(if: !KernelDifferences.system.tellsDirectedSignals))
  func directedSignals() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        Signals.user1.block()
        guard let poller = try? Poller(), let source = try? SignalRegistration(.user1, with: poller.registrar) else { return 1 }
        var events = EventBuffer()
        let (raised, looked) = (Tally(), Tally())
        let thread = SystemThread.spawn("raiser") {
          raise(SIGUSR1)
          raised.add(1)
          looked.wait(for: 1)
        }
        raised.wait(for: 1)
        guard (try? poller.wait(into: &events, timeout: .zero)) != nil, events.isEmpty else { return 2 }
        looked.add(1)
        thread.join()
        kill(getpid(), SIGUSR1)
        guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil, events.count == 1 else { return 3 }
        return events[0].id == source.id ? 0 : 4
      }
      #expect(result == 0)
    }
  }

  @Test("is that a child inherits the signal mask")
  func inheritedMask() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        Signals.user1.block()
        // Without the inherited mask, the signal would end the child.
        return inChild(.forked) {
          kill(getpid(), SIGUSR1)
          return 7
        }
      }
      #expect(result == 7)
    }
  }

  @Test(
    "is that the kernel reaps a child by itself if SIGCHLD is ignored, and its status is lost",
    .enabled(if: !KernelDifferences.system.tellsDirectedSignals))
  func ignoredChildren() async {
    await #expect(processExitsWith: .success) {
      let result = inChild(.forked) {
        signal(SIGCHLD, SIG_IGN)
        let child = spawnCat()
        guard child.id > 0, let poller = try? Poller(),
          let process = try? ProcessRegistration(of: child.id, with: poller.registrar)
        else { return 1 }
        var events = EventBuffer()
        try? child.input.close()
        guard (try? poller.wait(into: &events, timeout: .seconds(20))) != nil, events.count == 1 else { return 2 }
        return error { _ = try process.status() }?.code == .noSuchProcess ? 0 : 3
      }
      #expect(result == 0)
    }
  }
}

/// Starts a child that ends when its input does.
private func spawnCat() -> (id: pid_t, input: FileDescriptor) {
  guard let pipe = try? FileDescriptor.pipe() else { return (-1, .standardInput) }
  _ = fcntl(pipe.writeEnd.rawValue, F_SETFD, FD_CLOEXEC)
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawn_file_actions_adddup2(&actions, pipe.readEnd.rawValue, 0)
  var id: pid_t = -1
  var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("cat"), nil]
  let result = posix_spawn(&id, "/bin/cat", &actions, nil, &arguments, nil)
  free(arguments[0])
  try? pipe.readEnd.close()
  return (result == 0 ? id : -1, pipe.writeEnd)
}
