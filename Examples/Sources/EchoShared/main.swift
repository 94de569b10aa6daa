// Echoes, shared: all threads wait on one poller, and each serves what its wait brings. `swift run EchoShared`
import Amy
import AmySockets
import AmyThreads

/// A client's socket, and its input that has not gone back yet.
///
/// With trigger once, the thread that has its event owns it until it is armed: the lock is almost never contended.
final class Client: Sendable {
  let registration: Registration<TCPStream>
  private let unsent = Monitor([UInt8]())

  init(_ stream: consuming TCPStream, _ registrar: Registrar) throws(PollerError) {
    registration = try Registration(stream, with: registrar, for: .none)
  }

  /// Reads if nothing is unsent, and writes; false at the end, when all is answered.
  func serve() throws(PollerError) -> Bool {
    try unsent.withLock { (unsent) throws(PollerError) in
      if unsent.isEmpty, case .closed = try registration.source.read(appendingTo: &unsent, atMost: 4096) { return false }
      if case .bytes(let count) = try registration.source.write(unsent) { unsent.removeFirst(count) }
      try registration.arm(for: unsent.isEmpty ? .readable : .writable)
      return true
    }
  }
}

struct Server: Sendable {
  let (poller, listening): (Poller, Event.ID)
  let acceptor: Monitor<Registration<TCPListener>?>
  let clients = Monitor(EventTable<Client>())

  /// What each thread runs, until the poller is closed.
  func run() {
    var events = EventBuffer(capacity: 16)
    while (try? poller.wait(into: &events)) != nil {
      for id in events.indices.map({ events[$0].id }) {
        if id == listening { accept() }
        // The lock is held for the look-up, and not while serving.
        guard let client = clients.withLock({ $0[id] }), (try? client.serve()) != true else { continue }
        clients.withLock { _ = $0.removeValue(for: id) }
      }
    }
  }

  private func accept() {
    let accepted: Void? = try? acceptor.withLock { (acceptor) throws(PollerError) in
      try acceptor?.source.acceptAll { (stream, _) throws(PollerError) in
        let client = try Client(stream, poller.registrar)
        // In the table before its first event.
        clients.withLock { _ = $0.insert(client, for: client.registration.id) }
        try client.registration.arm(for: .readable)
      }
      try acceptor?.arm(for: .readable)
    }
    // No descriptor is left. Until it is armed the listener is silent: a timer with its id tries again.
    if accepted == nil { _ = try? poller.registrar.scheduleTimer(after: .milliseconds(100), as: listening) }
  }
}

/// Serves until a signal comes, and then until all clients have left, for five seconds at most.
func serve(_ listener: consuming TCPListener, threads count: Int) throws {
  ([.interrupt, .terminate] as Signals).block()  // Before the first thread starts.
  let (poller, main) = (try Poller(), try Poller())
  let signal = try SignalRegistration([.interrupt, .terminate], with: main.registrar)
  let listening = poller.registrar.reserveID()
  let acceptor = try Registration(listener, as: listening, with: poller.registrar, for: .readable)
  let server = Server(poller: poller, listening: listening, acceptor: Monitor(acceptor))
  let threads = try (0..<count).map { _ in try SystemThread(named: "server") { server.run() } }
  var events = EventBuffer()
  while events.isEmpty || events[0].id != signal.id { try main.wait(into: &events) }
  server.acceptor.withLock { $0 = nil }
  for _ in 0..<250 where !server.clients.withLock({ $0.isEmpty }) { try main.wait(into: &events, timeout: .milliseconds(20)) }
  poller.close()
  for thread in threads { thread.join() }
}

try serve(TCPListener(bindingTo: .loopback(port: 7007)), threads: 4)
