// snippet.hide
import Amy
import AmySockets

// snippet.show
/// The messages that threads send to the polling thread.
enum Work: ~Copyable, Sendable {
  case adopt(TCPStream, as: Event.ID)
  case broadcast([UInt8])
}

/// One thread that waits for sockets, work from other threads, timers, and the signal to end.
func run(_ poller: Poller, _ receiver: Receiver<Work>) throws(PollerError) {
  let registrar = poller.registrar
  let ending = try SignalRegistration([.interrupt, .terminate], with: registrar)
  let tick = try registrar.scheduleTimer(every: .seconds(10))
  var clients = EventTable<Registration<TCPStream>>()
  var events = EventBuffer()
  while true {
    try poller.wait(into: &events)
    for index in events.indices {
      let event = events[index]
      switch event.kind {
      case .ready: clients.removeValue(for: event.id)  // serve it
      case .message where event.id == receiver.id:
        receiver.receiveAll { work in
          switch consume work {
          case .adopt(let stream, let id):
            if let client = try? Registration(stream, as: id, with: registrar, for: .readable) {
              clients.insert(client, for: id)
            }
          case .broadcast(let bytes): print("\(bytes.count) bytes for \(clients.count) clients")
          }
        }
      case .timer(let expirations) where event.id == tick.id: print("\(expirations) × 10 s are over")
      case .signal where event.id == ending.id: return
      default: break
      }
    }
  }
}

([.interrupt, .terminate] as Signals).block()  // before the first thread starts
let poller = try Poller()
let (sender, receiver) = try poller.registrar.makeChannel(of: Work.self)
// give copies of `sender` to other threads, and then:
try run(poller, receiver)
// snippet.hide
_ = sender.send(.broadcast([1]))
