import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import SystemPackage
import Testing

/// Pollers with a thread each watch one listener.
@Suite("A source in several pollers", .timeLimit(.minutes(10)))
struct SharingTests {
  @Test("wakes one sleeping thread, not all, if all pollers have registered it as shared")
  func wakesOne() async {
    await #expect(processExitsWith: .success) {
      let (plain, shared) = (try sleeps(isShared: false), try sleeps(isShared: true))
      // Shared: at least a sleep for each connection. Plain: up to one on each of four threads.
      #expect(shared >= 200, "\(shared)")
      if KernelDifferences.system.wakesOneOfSeveral { #expect(shared * 2 < plain, "\(shared) and \(plain) sleeps") }
    }
  }

  @Test("is refused if the source is a poller, where the kernel can tell")
  func pollers() throws {
    let (poller, other) = (try Poller(), try Poller())
    let result = Result { try poller.registrar.registerShared(other.fileDescriptor, as: poller.registrar.reserveID()) }
    if KernelDifferences.system.wakesOneOfSeveral {
      #expect(throws: PollerError(.notPollable, errno: .invalidArgument)) { try result.get() }
    }
  }
}

/// Returns how often four threads went to sleep while 200 clients connected, each when all four slept.
private func sleeps(isShared: Bool) throws -> Int {
  let name = isShared ? "sharer" : "plain"
  let shop = try Shop()
  let address = try shop.listener.localEndpoint
  let pollers = try (0..<4).map { _ in try Poller() }
  let threads = pollers.map { poller in
    SystemThread.spawn(name) {
      let id = poller.registrar.reserveID()
      try poller.registrar.register(shop.listener, as: id, for: .readable, trigger: .level, isShared: isShared)
      var events = EventBuffer()
      while (try? poller.wait(into: &events)) != nil {
        while case .accepted = try shop.listener.accept() { shop.clients.add(1) }
      }
    }
  }
  Sleepers.wait(for: 4, named: name)
  let before = Sleepers.sleeps(named: name)
  for number in 1...200 {
    let client = try TCPStream(connectingTo: address)
    shop.clients.wait(for: number)
    Sleepers.wait(for: 4, named: name)
    _ = consume client
  }
  let count = Sleepers.sleeps(named: name) - before
  for poller in pollers { poller.close() }
  for thread in threads { try thread.join() }
  return count
}

private final class Shop: Sendable {
  let listener: TCPListener
  let clients = Tally()

  init() throws {
    listener = try TCPListener(bindingTo: .loopback(port: 0))
  }
}

extension Registrar {
  fileprivate func register(
    _ source: borrowing some Pollable & ~Copyable, as id: Event.ID, for interest: Interest, trigger: Trigger, isShared: Bool
  ) throws(PollerError) {
    if isShared {
      try registerShared(source, as: id)
    } else {
      try register(source, as: id, for: interest, trigger: trigger)
    }
  }
}
