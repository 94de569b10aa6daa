// The tutorial "Your first server", whole. It ends by itself: `swift run FirstServer`.

// snippet.imports
import Amy
import AmySockets
import AmyThreads
// snippet.end

// snippet.poll
/// The poller's thread: waits, and sends each wait's events to the worker, until the poller is closed.
func poll(_ poller: Poller, _ sender: Sender<[Event]>) {
  var events = EventBuffer()
  while (try? poller.wait(into: &events)) != nil {
    _ = sender.send(events.indices.map { events[$0] })
  }
}
// snippet.end

// snippet.client
/// A client: its registered socket, and the bytes that it sent and the server has not sent back yet.
struct Client: ~Copyable {
  let registration: Registration<TCPStream>
  var unsent: [UInt8] = []

  /// Handles an event; returns false when the client has closed the connection.
  mutating func serve() throws(PollerError) -> Bool {
    if unsent.isEmpty {
      if case .closed = try registration.source.read(appendingTo: &unsent, atMost: 4096) { return false }
    } else {
      if case .bytes(let count) = try registration.source.write(unsent) { unsent.removeFirst(count) }
    }
    // Last: from here on the next event may come.
    try registration.arm(for: unsent.isEmpty ? .readable : .writable)
    return true
  }
}
// snippet.end

// snippet.worker
/// The worker's thread: owns the clients, and registers them while the poller's thread waits.
func work(
  _ listener: borrowing Registration<TCPListener>, _ registrar: Registrar, _ receiver: Receiver<[Event]>
) throws(PollerError) {
  var clients = EventTable<Client>()
  var isPaused = false
  while true {
    // While no descriptor is left, the listener stays disarmed until the next batch, or for a second.
    var batch: [Event] = []
    switch receiver.receive(timeout: isPaused ? .seconds(1) : nil) {
    case .message(let events): batch = events
    case .empty: break
    case .disconnected: return  // The poller is closed, and its thread has ended.
    }
    if isPaused { try listener.arm(for: .readable) }
    isPaused = false
    for event in batch {
      if event.id == listener.id {
        isPaused = !acceptClients(of: listener.source, registrar, &clients)
        if !isPaused { try listener.arm(for: .readable) }
      } else if clients.withValue(for: event.id, { (try? $0.serve()) ?? false }) == false {
        clients.removeValue(for: event.id)
      }
    }
  }
}

/// Accepts all waiting clients; returns false if that failed, as it does when no descriptor is left.
func acceptClients(of listener: borrowing TCPListener, _ registrar: Registrar, _ clients: inout EventTable<Client>) -> Bool {
  let batch = try? listener.acceptAll { (stream, peer) throws(PollerError) in
    print("accepted", peer)
    let registration = try Registration(stream, with: registrar, for: .readable)
    let id = registration.id
    clients.insert(Client(registration: registration), for: id)
  }
  return batch != nil
}
// snippet.end

// snippet.main
let poller = try Poller()
let (endpoint, worker) = try start(poller)

/// Starts both threads; returns the address that the server listens on, and the worker's thread to join.
func start(_ poller: Poller) throws -> (Endpoint, SystemThread<Void, PollerError>) {
  let registrar = poller.registrar
  let listener = try Registration(TCPListener(bindingTo: .loopback(port: 0)), with: registrar, for: .readable)
  let endpoint = try listener.source.localEndpoint
  let (sender, receiver) = try makeChannel(of: [Event].self)
  _ = try SystemThread(named: "poller") { poll(poller, sender) }
  let worker = try SystemThread(named: "worker") { () throws(PollerError) in
    try work(listener, registrar, receiver)
  }
  return (endpoint, worker)
}
// snippet.end

// snippet.visitor
// A client with a poller of its own: it waits until it can write, and then until the answer has come.
let own = try Poller()
var events = EventBuffer()
let visitor = try Registration(TCPStream(connectingTo: endpoint), with: own.registrar, for: .writable)
try own.wait(into: &events)
_ = try visitor.source.write(Array("hello".utf8))
try visitor.arm(for: .readable)
try own.wait(into: &events)
var answer: [UInt8] = []
_ = try visitor.source.read(appendingTo: &answer, atMost: 5)
print(String(decoding: answer, as: UTF8.self))

poller.close()
try worker.join()
// snippet.end
