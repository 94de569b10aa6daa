// What a forked child does about inherited pollers: the article "After a fork".

import Amy
import AmySockets

// snippet.child
/// A server that may find itself in a child: then it makes a poller of its own, and registers there what it goes on with.
struct Server: ~Copyable {
  var poller: Poller
  let listener: TCPListener
  var door: Event.ID

  mutating func wait(_ events: inout EventBuffer) throws(PollerError) {
    do throws(PollerError) {
      try poller.wait(into: &events)
    } catch {
      guard error.code == .forked else { throw error }
      // The old one goes, and changes nothing of the parent's.
      poller = try Poller()
      door = try poller.registrar.register(listener, for: .readable, trigger: .level)
    }
  }
}
// snippet.end
