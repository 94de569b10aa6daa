internal import Amy
internal import AmySockets
internal import AmyStreams

/// The chat on one thread: everybody may talk to everybody, so that there is nothing to share the work by.
struct ChatServer<Stream: EchoStream & ~Copyable>: Sendable {
  let poller: Poller
  let door: Door<Stream>
  private let limits: ChatLimits

  init(_ listener: consuming ListeningSocket<Stream>, _ limits: ChatLimits) throws(PollerError) {
    poller = try Poller()
    door = try Door(listener, poller.registrar)
    self.limits = limits
  }

  func work(_ board: Board) throws(PollerError) {
    var report = board.report
    var events = EventBuffer(capacity: 1024)
    var chat = Chat<Stream>(poller.registrar, limits)
    while true {
      try poller.wait(into: &events)
      report.waits += 1
      report.events += events.count
      for index in events.indices {
        if events[index].id == door.id {
          door.open(&report, board) { chat.welcome($0) }
        } else {
          chat.handle(events[index])
        }
      }
      report.requests = chat.lineCount
      report.dropped = chat.droppedCount
      let closed = report.opened - chat.count
      if closed > report.closed { door.unstick() }
      report.closed = closed
      board.post(report)
    }
  }
}
