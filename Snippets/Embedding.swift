// A poller below another loop: the article "Embedding a poller in another loop". It ends by itself: `swift run Embedding`.

import Amy
import AmySockets
import Dispatch
import Synchronization

// snippet.drain
/// Takes all that a poller has, without waiting.
func drain(_ poller: Poller, _ handle: (Event) -> Void) throws(PollerError) {
  var events = EventBuffer()
  repeat {
    try poller.wait(into: &events, timeout: .zero)
    events.forEach(handle)
  } while !events.isEmpty
}
// snippet.end

// snippet.dispatch
/// Has Dispatch watch a poller's descriptor, and call back on a queue when there is something.
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
/// One poller in another: the inner one's events come by way of the outer one.
func nest(_ inner: Poller, in outer: Poller) throws(PollerError) {
  let id = try outer.registrar.register(inner, for: .readable, trigger: .level)
  var events = EventBuffer()
  try outer.wait(into: &events)
  for index in events.indices where events[index].id == id {
    try drain(inner) { event in print("inside:", event) }
  }
}
// snippet.end

try run()

func run() throws(PollerError) {
  let poller = try Poller()
  let pair = try UnixStream.pair()
  let near = pair.first
  let far = pair.second
  _ = try poller.registrar.register(near, for: .readable, trigger: .edge)
  _ = try far.write([1])
  try nest(poller, in: try Poller())

  let done = DispatchSemaphore(value: 0)
  let source = watch(poller, on: DispatchQueue(label: "events")) { event in
    print("by Dispatch:", event)
    done.signal()
  }
  _ = try far.write([2])
  done.wait()
  source.cancel()
}
