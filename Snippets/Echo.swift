// The example of the README: what stands between the two markers stands there, too.

// snippet.show
import Amy
import AmySockets

/// One client: what it sent and has not been sent back yet, and its socket, which closes with it.
struct Client: ~Copyable {
  let registration: Registration<TCPStream>
  var unsent: [UInt8] = []

  /// Reads, or else writes; returns false at the end.
  mutating func serve() throws(PollerError) -> Bool {
    if unsent.isEmpty, case .closed = try registration.source.read(appendingTo: &unsent, atMost: 4096) { return false }
    if case .bytes(let count) = try registration.source.write(unsent) { unsent.removeFirst(count) }
    try registration.arm(for: unsent.isEmpty ? .readable : .writable)
    return true
  }
}

func serve(_ listener: consuming TCPListener) throws(PollerError) {
  let poller = try Poller()
  let door = try Registration(listener, with: poller.registrar, for: .readable)
  var clients = EventTable<Client>()
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
          let registration = try Registration(stream, with: poller.registrar, for: .readable)
          let id = registration.id
          clients.insert(Client(registration: registration), for: id)
        }
        if batch == nil { isFull = true } else { try door.arm(for: .readable) }
      } else if clients.withValue(for: id, { (try? $0.serve()) ?? false }) == false {
        clients.removeValue(for: id)
      }
    }
  }
}

try serve(TCPListener(bindingTo: .loopback(port: 7007)))
