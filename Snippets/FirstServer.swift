// The tutorial "Your first server", whole. It ends by itself: `swift run FirstServer`.

// snippet.imports
import Amy
import AmySockets
import AmyThreads
// snippet.end

// snippet.poll
/// The poller's thread: waits, and passes on what it hears, until the poller is closed.
func poll(_ poller: Poller, _ worker: Sender<[Event]>) {
  var events = EventBuffer()
  while (try? poller.wait(into: &events)) != nil {
    _ = worker.send(events.indices.map { events[$0] })
  }
}
// snippet.end

// snippet.client
/// One client: its socket with its registration, and what it said that was not said back yet.
struct Client: ~Copyable {
  let registration: Registration<TCPStream>
  var unsent: [UInt8] = []

  /// Does what its event is for; returns false when the client has left.
  mutating func serve() throws(PollerError) -> Bool {
    if unsent.isEmpty {
      if case .closed = try registration.source.read(appendingTo: &unsent, atMost: 4096) { return false }
    } else {
      if case .bytes(let count) = try registration.source.write(unsent) { unsent.removeFirst(count) }
    }
    // Last: from here on there may be an event again.
    try registration.arm(for: unsent.isEmpty ? .readable : .writable)
    return true
  }
}
// snippet.end

// snippet.worker
/// The worker's thread: owns the sockets, and registers them while the other thread waits.
func work(_ listener: borrowing TCPListener, _ registrar: Registrar, _ inbox: Receiver<[Event]>) throws(PollerError) {
  let door = registrar.reserveID()
  try registrar.register(listener, as: door, for: .readable)
  var clients = EventTable<Client>()
  var isFull = false
  while true {
    // While no descriptor is left the listener stays silent: it is looked at again after the next event, or in a second.
    var batch: [Event] = []
    switch inbox.receive(timeout: isFull ? .seconds(1) : nil) {
    case .message(let events): batch = events
    case .empty: break
    case .disconnected: return  // The poller was closed, and its thread has ended.
    }
    if isFull { try registrar.reregister(listener, as: door, for: .readable, trigger: .once) }
    isFull = false
    for event in batch {
      if event.id == door {
        isFull = !welcome(from: listener, registrar, &clients)
        if !isFull { try registrar.reregister(listener, as: door, for: .readable, trigger: .once) }
      } else if clients.withValue(for: event.id, { (try? $0.serve()) ?? false }) == false {
        clients.removeValue(for: event.id)
      }
    }
  }
}

/// Takes the clients who wait; returns false where that failed, as it does when no descriptor is left.
func welcome(from listener: borrowing TCPListener, _ registrar: Registrar, _ clients: inout EventTable<Client>) -> Bool {
  let batch = try? listener.acceptAll { (stream, peer) throws(PollerError) in
    print("welcome,", peer)
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

/// Starts both threads, and returns where they listen, and the worker, to wait for its end.
func start(_ poller: Poller) throws -> (Endpoint, SystemThread<Void, PollerError>) {
  let listener = try TCPListener(bindingTo: .loopback(port: 0))
  let endpoint = try listener.localEndpoint
  let (sender, receiver) = try makeChannel(of: [Event].self)
  _ = try SystemThread(named: "poller") { poll(poller, sender) }
  let worker = try SystemThread(named: "worker") { [registrar = poller.registrar] () throws(PollerError) in
    try work(listener, registrar, receiver)
  }
  return (endpoint, worker)
}
// snippet.end

// snippet.visitor
// A client like any other, with a poller of its own: it waits until it can write, then until there is an answer.
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
