// Echoes, sharded: each thread has a poller, a listener on the same port, and its own clients. `swift run EchoSharded`
import Amy
import AmySockets
import AmyThreads

/// A client's socket, and its input that has not gone back yet: with trigger level only a change has to be armed.
struct Client: ~Copyable {
  let registration: Registration<TCPStream>
  var unsent: [UInt8] = []

  /// Reads if nothing is unsent, and writes; false at the end, when all is answered.
  mutating func serve() throws(PollerError) -> Bool {
    let wasStuck = !unsent.isEmpty
    if !wasStuck, case .closed = try registration.source.read(appendingTo: &unsent, atMost: 4096) { return false }
    if case .bytes(let count) = try registration.source.write(unsent) { unsent.removeFirst(count) }
    if unsent.isEmpty == wasStuck { try registration.arm(for: wasStuck ? .readable : .writable) }
    return true
  }
}

/// What each thread runs: serves until `ending` comes, and then until its clients have left, for five seconds at most.
func serve(_ poller: Poller, _ listener: Monitor<Registration<TCPListener>?>, until ending: Event.ID) throws(PollerError) {
  let registrar = poller.registrar
  var acceptor: Registration<TCPListener>?
  listener.withLock { swap(&$0, &acceptor) }
  var clients = EventTable<Client>()
  var events = EventBuffer()
  while acceptor != nil || !clients.isEmpty {
    try poller.wait(into: &events)
    for index in events.indices {
      let id = events[index].id
      if id == ending {
        if acceptor == nil { return }  // The five seconds are over.
        acceptor = nil
        _ = try registrar.scheduleTimer(after: .seconds(5), as: id)
      } else if let goesOn = clients.withValue(for: id, { (try? $0.serve()) ?? false }) {
        if !goesOn { clients.removeValue(for: id) }
      } else {
        // An id that is not in the table: the listener's, by trigger once, or that of the timer that retries to accept.
        let batch = try? acceptor?.source.acceptAll { (stream, _) throws(PollerError) in
          let client = try Registration(stream, with: registrar, for: .readable, trigger: .level)
          let id = client.id
          clients.insert(Client(registration: client), for: id)
        }
        if batch == nil { _ = try registrar.scheduleTimer(after: .seconds(0.1)) } else { try acceptor?.arm(for: .readable) }
      }
    }
  }
}

/// Starts the threads, and ends them when a signal comes.
func serve(at endpoint: Endpoint, threads count: Int) throws {
  ([.interrupt, .terminate] as Signals).block()  // Before the first thread starts.
  let main = try Poller()
  let signal = try SignalRegistration([.interrupt, .terminate], with: main.registrar)
  // All listeners before the first client, which may take the last descriptor.
  let shards = try (0..<count).map { _ in
    let poller = try Poller()
    let listener = try TCPListener(bindingTo: endpoint, sharesPort: true)
    let acceptor = Monitor(Optional(try Registration(listener, with: poller.registrar, for: .readable)))
    return (poller, acceptor, try poller.registrar.makeUserEvent())
  }
  let threads = try shards.map { (poller, acceptor, ending) in
    try SystemThread(named: "shard") { () throws(PollerError) in try serve(poller, acceptor, until: ending.id) }
  }
  var events = EventBuffer()
  while events.isEmpty || events[0].id != signal.id { try main.wait(into: &events) }
  for (_, _, ending) in shards { try ending.trigger() }
  for thread in threads { try thread.join() }
}

try serve(at: .loopback(port: 7007), threads: 4)
