// The inner loops of three ways to thread a server: the article of that name. The program `amy-demo` has them whole.

import Amy
import AmySockets
import Synchronization

/// What serves a client; whether it goes on.
typealias Serve = @Sendable (borrowing Registration<TCPStream>) throws(PollerError) -> Bool

// snippet.handover
// Handover: the poller's thread sorts each wait's events by the worker that owns the client: a message for each.
func poll(
  _ poller: Poller, _ workers: [Sender<[Event]>], _ owners: borrowing Mutex<EventTable<Int>>
) throws(PollerError) {
  var events = EventBuffer(capacity: 1024)
  var batches = workers.map { _ in [Event]() }
  while true {
    try poller.wait(into: &events)
    owners.withLock { owners in
      for index in events.indices {
        if let worker = owners[events[index].id] { batches[worker].append(events[index]) }
      }
    }
    for worker in workers.indices where !batches[worker].isEmpty {
      _ = workers[worker].send(batches[worker])
      batches[worker] = []
    }
  }
}
// snippet.end

// snippet.shared
// Shared: every thread runs this. By once, whoever gets an event has the client for himself until he arms it again.
func share(_ poller: Poller, _ clients: borrowing Mutex<EventTable<Client>>) throws(PollerError) {
  var events = EventBuffer(capacity: 64)
  while true {
    try poller.wait(into: &events)
    for index in events.indices {
      let id = events[index].id
      // The table is locked to look, and not to serve.
      guard let client = clients.withLock({ $0[id] }) else { continue }
      if !client.serve() { clients.withLock { _ = $0.removeValue(for: id) } }
    }
  }
}
// snippet.end

/// A client that threads can share.
protocol SharedClient: AnyObject, Sendable {
  /// Reads, writes, and arms; whether it goes on.
  func serve() -> Bool
}
typealias Client = any SharedClient

// snippet.sharded
// Sharded: each thread has a poller, a listener on the same port, and its own clients, which by level need no arming.
func shard(_ endpoint: Endpoint, _ serve: Serve) throws(PollerError) {
  let poller = try Poller()
  let listener = try TCPListener(bindingTo: endpoint, sharesPort: true)
  let door = try Registration(listener, with: poller.registrar, for: .readable)
  var clients = EventTable<Registration<TCPStream>>()
  var events = EventBuffer()
  var isFull = false
  while true {
    // While no descriptor is left the listener stays silent: it is looked at again after the next event, or in a second.
    try poller.wait(into: &events, timeout: isFull ? .seconds(1) : nil)
    if isFull { try door.arm(for: .readable) }
    isFull = false
    for index in events.indices {
      let id = events[index].id
      if id == door.id {
        let batch = try? door.source.acceptAll { (stream, _) throws(PollerError) in
          let client = try Registration(stream, with: poller.registrar, for: .readable, trigger: .level)
          let id = client.id
          clients.insert(client, for: id)
        }
        if batch == nil { isFull = true } else { try door.arm(for: .readable) }
      } else if clients.withValue(for: id, { (try? serve($0)) ?? false }) == false {
        clients.removeValue(for: id)
      }
    }
  }
}
// snippet.end

// One shard, of echoes, for clients that come one after the other.
try shard(.loopback(port: 7007)) { (client) throws(PollerError) in
  var bytes: [UInt8] = []
  guard case .bytes = try client.source.read(appendingTo: &bytes, atMost: 4096) else { return false }
  _ = try client.source.write(bytes)
  return true
}
