// A poller inside another loop: the article "Embedding a poller in another loop". It ends by itself: `swift run Embedding`.

import Amy
import AmySockets
import Dispatch
import Synchronization

// snippet.drain
/// Takes all events that a poller has, without waiting.
func drain(_ poller: Poller, _ handle: (Event) -> Void) throws(PollerError) {
  var events = EventBuffer()
  repeat {
    try poller.wait(into: &events, timeout: .zero)
    events.forEach(handle)
  } while !events.isEmpty
}
// snippet.end

// snippet.dispatch
/// Makes Dispatch watch a poller's descriptor, and call back on a queue for each event.
func watch(
  _ poller: Poller, on queue: DispatchQueue, _ handle: @escaping @Sendable (Event) -> Void
) -> any DispatchSourceRead {
  let source = DispatchSource.makeReadSource(fileDescriptor: poller.fileDescriptor.rawValue, queue: queue)
  source.setEventHandler {
    do { try drain(poller, handle) } catch { source.cancel() }
  }
  source.activate()
  return source
}
// snippet.end

// snippet.nested
/// Watches one poller with another: the outer one reports when the inner one has events, until a closure returns true.
func nest(_ inner: Poller, in outer: Poller, until isEnough: (Event) -> Bool) throws(PollerError) {
  let id = try outer.registrar.register(inner, for: .readable, trigger: .level)
  var events = EventBuffer()
  var isOver = false
  while !isOver {
    try outer.wait(into: &events)
    for index in events.indices where events[index].id == id {
      try drain(inner) { event in if isEnough(event) { isOver = true } }
    }
  }
  try outer.registrar.deregister(inner)
}
// snippet.end

try run()

/// Checks that all kinds of events, sent while the outer poller sleeps, arrive: through another poller, and through Dispatch.
func run() throws(PollerError) {
  // snippet.made
  // For another loop: its messages, user events and timers make the descriptor readable, too.
  let poller = try Poller(isEmbedded: true)
  // snippet.end
  let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
  let news = try poller.registrar.makeUserEvent()
  let pair = try UnixStream.pair()
  let near = pair.first
  let far = pair.second
  let socket = try poller.registrar.register(near, for: .readable, trigger: .edge)

  let speaker = DispatchQueue(label: "speaker")
  func speak(_ round: Int) throws(PollerError) {
    // Each is sent when the last one has probably been handled, so that each finds the outer loop asleep.
    for step in 1...3 {
      speaker.asyncAfter(deadline: .now() + .milliseconds(20 * step)) {
        if step == 2 { _ = sender.send(round) } else if step == 3 { try? news.trigger() }
      }
    }
    _ = try far.write([1])
    _ = try poller.registrar.scheduleTimer(after: .milliseconds(80))
  }

  /// The number of events of each kind, and whether all kinds have arrived.
  struct Heard {
    var (socket, messages, news, timers) = (0, 0, 0, 0)
    var isAll: Bool { socket > 0 && messages > 0 && news > 0 && timers > 0 }

    mutating func hear(_ event: Event, _ receiver: Receiver<Int>) {
      switch event.kind {
      case .ready: socket += 1
      case .message: receiver.receiveAll { _ in messages += 1 }
      case .user: news += 1
      case .timer: timers += 1
      default: break
      }
    }
  }

  var heard = Heard()
  try speak(1)
  try nest(poller, in: try Poller()) { event in
    heard.hear(event, receiver)
    return heard.isAll
  }
  print("inside another poller:", heard)

  let shared = Mutex(Heard())
  let done = DispatchSemaphore(value: 0)
  let source = watch(poller, on: DispatchQueue(label: "events")) { event in
    let isAll = shared.withLock { heard in
      heard.hear(event, receiver)
      return heard.isAll
    }
    if isAll { done.signal() }
  }
  try poller.registrar.reregister(near, as: socket, for: .readable, trigger: .edge)
  try speak(2)
  done.wait()
  source.cancel()
  print("by Dispatch:", shared.withLock { $0 })
}
