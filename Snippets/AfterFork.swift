// What a forked child does about inherited pollers: the article "After a fork".

import Amy
import AmySockets

// snippet.child
/// A server that may run in a forked child: there it makes a poller of its own, and registers its listener with that.
struct Server: ~Copyable {
  var poller: Poller
  let listener: TCPListener
  var acceptorID: Event.ID

  mutating func wait(_ events: inout EventBuffer) throws(PollerError) {
    do throws(PollerError) {
      try poller.wait(into: &events)
    } catch {
      guard error.code == .forked else { throw error }
      // The old poller is destroyed, which changes nothing of the parent's.
      poller = try Poller()
      acceptorID = try poller.registrar.register(listener, for: .readable, trigger: .level)
    }
  }
}
// snippet.end
