// Echoes for any number of clients on one thread, until SIGTERM or SIGINT. `swift run EchoOneThread`, and `nc localhost 7007`.
import Amy
import AmySockets

/// A client's socket, which closes with it, and what it sent that has not gone back yet.
struct Client: ~Copyable {
  let registration: Registration<TCPStream>
  var unsent: [UInt8] = []

  /// Reads if nothing is unsent, and writes; false at the end, when all is answered.
  mutating func serve() throws(PollerError) -> Bool {
    if unsent.isEmpty, case .closed = try registration.source.read(appendingTo: &unsent, atMost: 4096) { return false }
    if case .bytes(let count) = try registration.source.write(unsent) { unsent.removeFirst(count) }
    try registration.arm(for: unsent.isEmpty ? .readable : .writable)
    return true
  }
}

/// Serves until a signal comes, and then until all clients have left, for five seconds at most.
func serve(_ listener: consuming TCPListener) throws(PollerError) {
  let poller = try Poller()
  let (registrar, listening) = (poller.registrar, poller.registrar.reserveID())
  var acceptor: Registration? = try Registration(listener, as: listening, with: registrar, for: .readable)
  let ending = try SignalRegistration([.interrupt, .terminate], with: registrar)
  var clients = EventTable<Client>()
  var events = EventBuffer()
  while acceptor != nil || !clients.isEmpty {
    try poller.wait(into: &events)
    for index in events.indices {
      let id = events[index].id
      if id == ending.id {
        if acceptor == nil { return }  // The five seconds are over, or there was a second signal.
        acceptor = nil
        _ = try registrar.scheduleTimer(after: .seconds(5), as: id)
      } else if id == listening {
        do throws(PollerError) {
          try acceptor?.source.acceptAll { (stream, _) throws(PollerError) in
            let registration = try Registration(stream, with: registrar, for: .readable)
            let id = registration.id
            clients.insert(Client(registration: registration), for: id)
          }
          try acceptor?.arm(for: .readable)
        } catch {  // No descriptor is left. Until it is armed the listener is silent: a timer with its id tries again.
          _ = try registrar.scheduleTimer(after: .milliseconds(100), as: id)
        }
      } else if clients.withValue(for: id, { (try? $0.serve()) ?? false }) == false {
        clients.removeValue(for: id)
      }
    }
  }
}

([.interrupt, .terminate] as Signals).block()
try serve(TCPListener(bindingTo: .loopback(port: 7007)))
