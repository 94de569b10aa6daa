// The inner loops of three ways to thread a server: the article of that name. The program `amy-demo` has them whole.

import Amy
import AmySockets
import Synchronization

/// What serves a client; whether it goes on.
typealias Serve = @Sendable (borrowing Registration<TCPStream>) throws(PollerError) -> Bool

// snippet.handover
// Handover: the poller's thread sorts each wait's events by worker, one batch and one lock for each.
func poll(_ poller: Poller, _ workers: [Inbox]) throws(PollerError) {
  var events = EventBuffer(capacity: 1024)
  var batches = workers.map { _ in [Event]() }
  while true {
    try poller.wait(into: &events)
    for index in events.indices {
      let event = events[index]
      // Clients are dealt in turn: the ids are made of the number that counts them, Event.ID(customNumber: count).
      guard let number = event.id.customNumber else { continue }
      batches[Int(number % UInt64(workers.count))].append(event)
    }
    for worker in workers.indices where !batches[worker].isEmpty {
      workers[worker].put(batches[worker])
      batches[worker].removeAll(keepingCapacity: true)
    }
  }
}
// snippet.end

/// A queue of events, with whatever wakes its worker.
protocol Inbox: Sendable {
  func put(_ batch: [Event])
}

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
// Sharded: each thread has a poller, a listener on the same port, and its own clients. Level needs no arming.
func shard(_ endpoint: Endpoint, _ serve: Serve) throws(PollerError) {
  let poller = try Poller()
  let listener = try TCPListener(bindingTo: endpoint, sharesPort: true)
  let door = try poller.registrar.register(listener, for: .readable, trigger: .level)
  var clients = EventTable<Registration<TCPStream>>()
  var events = EventBuffer()
  while true {
    try poller.wait(into: &events)
    for index in events.indices {
      let id = events[index].id
      if id == door {
        try listener.acceptAll { (stream, _) throws(PollerError) in
          let client = try Registration(stream, with: poller.registrar, for: .readable, trigger: .level)
          let id = client.id
          clients.insert(client, for: id)
        }
      } else if clients.withValue(for: id, { (try? serve($0)) ?? false }) == false {
        clients.removeValue(for: id)
      }
    }
  }
}
// snippet.end
