// What no library does for you: the article "What the kernel leaves to you".

import Amy
import AmySockets
import AmyStreams
import SystemPackage

// snippet.datagrams
/// Sends one datagram, or makes sure of an event when to try again.
func send(
  _ bytes: [UInt8], to receiver: Endpoint, from socket: borrowing UnixDatagramSocket, as id: Event.ID,
  tryingAgainAs timer: Event.ID, with registrar: Registrar
) throws(PollerError) {
  switch try socket.send(bytes, to: receiver) {
  case .sent: break
  case .wouldBlock: try registrar.reregister(socket, as: id, for: .writable, trigger: .once)
  case .receiverFull: _ = try registrar.scheduleTimer(after: .milliseconds(10), as: timer)
  }
}
// snippet.end

// snippet.graceful
/// Ends a connection so that the last answer arrives, although the peer may have sent more than was read.
struct Ending: ~Copyable {
  let registration: Registration<TCPStream>
  var bytesLeft = 1 << 20

  /// When the last answer has been written.
  init(_ registration: consuming Registration<TCPStream>) throws(PollerError) {
    try registration.source.shutdown(.writing)
    try registration.arm(for: .readable)
    self.registration = registration
  }

  /// On each event, and when a timer says that it was long enough: true if it can be dropped now.
  mutating func goOn(_ scratch: inout [UInt8]) throws(PollerError) -> Bool {
    while bytesLeft > 0 {
      var room = scratch.mutableSpan
      switch try registration.source.read(over: &room) {
      case .bytes(let count): bytesLeft -= count
      case .closed: return true
      case .wouldBlock:
        try registration.arm(for: .readable)
        return false
      }
    }
    return true
  }
}
// snippet.end

// snippet.items
/// Answers lines, but stops while too much waits to be written: then whole lines stay in the reader.
struct Answerer: ~Copyable {
  let registration: Registration<TCPStream>
  var lines = LineReader(limit: 8192, budget: 1 << 16)
  var writer = StreamWriter(limit: 1 << 20)

  /// On each event, whatever it said; false when all is read and answered.
  mutating func goOn() throws -> Bool {
    var (mayRead, isDone, hasEnded) = (true, false, false)
    while !isDone, try writer.flush(to: registration.source).pendingCount < 1 << 16 {
      while !isDone, writer.pendingCount < 1 << 16 {
        // First what is here already, for which no event comes; then what the stream has.
        if try lines.next() {
          try writer.enqueue(lines.copy().span, endedBy: [10])
        } else if mayRead {
          let progress = try lines.read(from: registration.source)
          (mayRead, hasEnded) = (progress.state == .budgetExhausted, progress.isAtEnd)
        } else {
          isDone = true
        }
      }
    }
    if isDone { try writer.flush(to: registration.source) }
    if hasEnded, isDone, writer.pendingCount == 0 { return false }
    // Congested, it goes on when there is room: with the lines that are left, too.
    try registration.arm(for: writer.pendingCount > 0 ? .writable : .readable)
    return true
  }
}
// snippet.end

// snippet.edge
/// With edge a listener is reported only when another client connects: so take all.
func welcomeAll(
  _ listener: borrowing TCPListener, _ welcome: (consuming TCPStream) -> Void
) throws(PollerError) {
  var isDrained = false
  while !isDrained {
    isDrained = try listener.acceptAll { (stream, _) throws(PollerError) in welcome(stream) }.isDrained
  }
}
// snippet.end

// snippet.peersEnd
/// Whether an event of a stream that is registered for reading by edge, and is not to be read for now, says that the peer has
/// ended.
func isPeersEnd(_ event: Event) -> Bool {
  !event.readiness.isDisjoint(with: [.readClosed, .error])
}
// snippet.end
