import Amy
import AmySockets
import AmyTestSupport
import CAmyTestSupport
import SystemPackage
import Testing

/// Refusals by the kernel, or by a filter of seccomp(2) that each test sets in its own process.
@Suite("A refused system call", .enabled(if: amy_test_can_refuse(), "needs seccomp(2)"), .timeLimit(.minutes(10)))
struct RefusalTests {
  private static let isEpoll = KernelDifferences.system.hasPriority

  @Test(
    "for waits in nanoseconds makes waits fall back to milliseconds", .enabled(if: isEpoll),
    arguments: [Errno.noFunction, .notPermitted, .permissionDenied].map(\.rawValue))
  func precision(_ error: CInt) async {
    await #expect(processExitsWith: .success) { [error = error as CInt] in try Child.precision(error) }
  }

  @Test("for adding to a queue, for lack of room, gives watchLimit", .enabled(if: isEpoll))
  func watchLimit() async {
    await #expect(processExitsWith: .success) { try Child.watchLimit() }
  }

  @Test(
    "for wiping a page on fork does not break fork detection",
    arguments: [Errno.invalidArgument, .noFunction, .notPermitted, .permissionDenied].map(\.rawValue))
  func wiping(_ error: CInt) async {
    await #expect(processExitsWith: .success) { [error = error as CInt] in try Child.wiping(error) }
  }

  @Test("for a wait, with an errno about the poller's descriptor, is not notPollable", .enabled(if: isEpoll))
  func wait() async {
    await #expect(processExitsWith: .success) { try Child.wait() }
  }

  @Test("gives, for any errno, the code of that errno for the call", arguments: Refusable.allCases)
  func everyError(_ refusable: Refusable) async {
    if !Self.isEpoll, refusable.isOfEpoll { return }
    // AddressSanitizer reads from whatever number is free at exit, here the refused one.
    if refusable == .read, sanitizer == "address" { return }
    await #expect(processExitsWith: .success) { [refusable = refusable as Refusable] in try Child.everyError(refusable) }
  }

  @Test("for a write, for lack of room on the device, is not watchLimit")
  func device() throws {
    let full = try FileDescriptor.open("/dev/full", .writeOnly)
    defer { try? full.close() }
    do throws(PollerError) {
      _ = try DescriptorStream.write(full, segments: [[1]], skipping: 0)
      Issue.record("the write succeeded without room")
    } catch {
      #expect(error.errno == .noSpace)
      #expect(error.code == .noSpace)
      #expect(!error.description.contains("epoll"), "\(error)")
    }
  }
}

/// The library's calls that can be made to fail with any errno.
enum Refusable: String, CaseIterable, Codable, Sendable {
  case poller, register, wait, signals
  case socket, pair, bind, listen, connect, accept, getOption, setOption, peer, shutdown
  case read, write, writeFile, send, receive

  var isOfEpoll: Bool { [.poller, .register, .wait, .signals].contains(self) }
}

private enum Child {
  static func precision(_ error: CInt) throws {
    #expect(amy_test_refuse(amy_test_epoll_pwait2, -1, 0, error) == 0)
    let poller = try Poller()
    var events = EventBuffer()
    for _ in 0..<3 {
      let start = SuspendingClock.now
      try poller.wait(into: &events, timeout: .microseconds(1500))
      #expect(SuspendingClock.now - start >= .milliseconds(1.5), "the wait was too short")
      #expect(events.array.isEmpty)
    }
    let pair = try UnixStream.pair()
    let id = try poller.registrar.register(pair.first, for: .writable)
    try poller.wait(into: &events, timeout: .seconds(60))
    #expect(events.array.map(\.id) == [id])
  }

  static func watchLimit() throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let id = try poller.registrar.register(pair.first, for: .readable)
    let full = PollerError(.watchLimit, errno: .noSpace)
    #expect(amy_test_refuse(amy_test_epoll_control, 1, 1, Errno.noSpace.rawValue) == 0)
    #expect(throws: full) { _ = try poller.registrar.register(pair.second, for: .readable) }
    #expect(throws: full) { _ = try Poller() }
    try poller.registrar.reregister(pair.first, as: id, for: .writable, trigger: .once)
    var events = EventBuffer()
    try poller.wait(into: &events, timeout: .seconds(60))
    #expect(events.array == [Event(id: id, kind: .ready(.writable))])
    try poller.registrar.deregister(pair.first)
  }

  static func wiping(_ error: CInt) throws {
    // Only MADV_WIPEONFORK (18): the allocator uses the same call.
    #expect(amy_test_refuse(amy_test_madvise, 2, 18, error) == 0)
    let poller = try Poller()
    let child = inChild(.forked) {
      do throws(PollerError) {
        try poller.wake()
        return 1
      } catch {
        return error == PollerError(.forked) ? 0 : 2
      }
    }
    #expect(child == 0)
    try poller.wake()
  }

  static func wait() throws {
    let poller = try Poller()
    for error in [Errno.invalidArgument, .badFileDescriptor] {
      // This poller only: Dispatch's thread waits with the same call.
      #expect(amy_test_refuse(amy_test_epoll_wait, 0, UInt32(poller.fileDescriptor.rawValue), error.rawValue) == 0)
      #expect(throws: PollerError(.badDescriptor, errno: error)) {
        var events = EventBuffer()
        try poller.wait(into: &events, timeout: .zero)
      }
    }
  }

  static func everyError(_ refusable: Refusable) throws {
    switch refusable {
    case .poller, .register, .wait, .signals: try ofPolling(refusable)
    case .read, .write, .writeFile, .send, .receive: try ofMoving(refusable)
    default: try ofSockets(refusable)
    }
  }

  private static func ofPolling(_ refusable: Refusable) throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    switch refusable {
    case .poller: refuse(amy_test_epoll_create, .open) { () throws(PollerError) in _ = try Poller() }
    case .register:
      refuse(amy_test_epoll_control, .change, on: poller.fileDescriptor) { () throws(PollerError) in
        _ = try poller.registrar.register(pair.first, for: .readable)
      }
    case .wait:
      refuse(amy_test_epoll_wait, .wait, on: poller.fileDescriptor) { () throws(PollerError) in
        var events = EventBuffer()
        try poller.wait(into: &events, timeout: .zero)
      }
    default:
      Signals.user1.block()
      refuse(amy_test_signalfd, .signals) { () throws(PollerError) in
        let registration = try SignalRegistration(.user1, with: poller.registrar)
        _ = registration.id
      }
    }
  }

  private static func ofMoving(_ refusable: Refusable) throws {
    let streams = try UnixStream.pair()
    let stream = streams.first
    let datagrams = try UnixDatagramSocket.pair()
    let datagram = datagrams.first
    let pipe = try FileDescriptor.pipe()
    switch refusable {
    case .read:
      refuse(amy_test_read, .read, on: stream.fileDescriptor, answering: [.wouldBlock]) { () throws(PollerError) in
        var bytes: [UInt8] = []
        _ = try stream.read(appendingTo: &bytes, atMost: 1)
      }
    case .write:
      refuse(amy_test_send, .write, on: stream.fileDescriptor, answering: [.wouldBlock]) { () throws(PollerError) in
        _ = try stream.write([1])
      }
    case .writeFile:
      let file = pipe.writeEnd
      refuse(amy_test_write_segments, .write, on: file, answering: [.wouldBlock]) { () throws(PollerError) in
        _ = try DescriptorStream.write(file, segments: [[1]], skipping: 0)
      }
    case .send:
      refuse(amy_test_send, .send, on: datagram.fileDescriptor, answering: [.wouldBlock]) { () throws(PollerError) in
        _ = try datagram.send([1])
      }
    default:
      refuse(amy_test_receive, .receive, on: datagram.fileDescriptor, answering: [.wouldBlock]) { () throws(PollerError) in
        var bytes: [UInt8] = []
        _ = try datagram.receive(appendingTo: &bytes, atMost: 1)
      }
    }
  }

  private static func ofSockets(_ refusable: Refusable) throws {
    let listener = try TCPListener(bindingTo: .loopback(port: 0))
    let address = try listener.localEndpoint
    let client = try TCPStream(connectingTo: address)
    switch refusable {
    case .socket: refuse(amy_test_socket, .socket) { () throws(PollerError) in _ = try TCPStream(connectingTo: address) }
    case .pair: refuse(amy_test_socketpair, .socket) { () throws(PollerError) in _ = try UnixStream.pair() }
    case .bind:
      refuse(amy_test_bind, .bind) { () throws(PollerError) in _ = try UDPSocket(bindingTo: .loopback(port: 0)) }
    case .listen:
      refuse(amy_test_listen, .listen) { () throws(PollerError) in _ = try TCPListener(bindingTo: .loopback(port: 0)) }
    case .connect:
      // EINPROGRESS is a connect's normal start.
      refuse(amy_test_connect, .connect, answering: [.nowInProgress]) { () throws(PollerError) in
        _ = try TCPStream(connectingTo: address)
      }
    case .accept:
      refuse(amy_test_accept, .accept, answering: [.wouldBlock]) { () throws(PollerError) in _ = try listener.accept() }
    case .getOption: refuse(amy_test_get_option, .option) { () throws(PollerError) in _ = try client.noDelay }
    case .setOption: refuse(amy_test_set_option, .option) { () throws(PollerError) in try client.setNoDelay(true) }
    case .peer: refuse(amy_test_get_peer, .name) { () throws(PollerError) in _ = try client.peerEndpoint }
    default: refuse(amy_test_shutdown, .shutdown) { () throws(PollerError) in try client.shutdown(.writing) }
    }
  }

  private static func refuse(
    _ refused: amy_test_call, _ call: SocketCall, on descriptor: FileDescriptor? = nil, answering answered: Set<Errno> = [],
    _ body: () throws(PollerError) -> Void
  ) {
    refuse(refused, meaning: call.code, on: descriptor, answering: answered, body)
  }

  private static func refuse(
    _ refused: amy_test_call, _ call: SystemCall, on descriptor: FileDescriptor? = nil, answering answered: Set<Errno> = [],
    _ body: () throws(PollerError) -> Void
  ) {
    refuse(refused, meaning: call.code, on: descriptor, answering: answered, body)
  }

  /// Refuses a call with each errno, except those that it answers without throwing.
  private static func refuse(
    _ refused: amy_test_call, meaning code: (Errno) -> PollerError.Code, on descriptor: FileDescriptor?,
    answering answered: Set<Errno>, _ body: () throws(PollerError) -> Void
  ) {
    // Where EINTR is not an error, it is retried forever.
    for (name, errno) in Errnos.all where errno != .interrupted && !answered.contains(errno) {
      let argument = descriptor.map { ($0.rawValue, CInt(0)) } ?? (0, -1)
      #expect(amy_test_refuse(refused, argument.1, UInt32(argument.0), errno.rawValue) == 0)
      do throws(PollerError) {
        try body()
        Issue.record("\(name) was not thrown")
      } catch {
        #expect(error == PollerError(code(errno), errno: errno), "\(name)")
      }
    }
  }
}
