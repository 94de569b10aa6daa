// The poller's loop of a server that hands events over: the article "Three ways to thread a server".

import Amy
import Synchronization

// snippet.handover
// Handover: the poller's thread sorts each wait's events by the worker that owns the client: one message for each worker.
func poll(
  _ poller: Poller, _ workers: [Sender<[Event]>], _ owners: borrowing Mutex<EventTable<Int>>
) throws(PollerError) {
  var events = EventBuffer(capacity: 1024)
  var batches = workers.map { _ in [Event]() }
  while true {
    try poller.wait(into: &events)
    owners.withLock { owners in
      for index in events.indices {
        if let worker = owners[events[index].id] { batches[worker].append(events[index]) }
      }
    }
    for worker in workers.indices where !batches[worker].isEmpty {
      _ = workers[worker].send(batches[worker])
      batches[worker] = []
    }
  }
}
// snippet.end

let poller = try Poller()
let owners = Mutex(EventTable<Int>())
let (inbox, outbox) = try makeChannel(of: [Event].self)
// Closed, so that this snippet ends.
poller.close()
do { try poll(poller, [inbox], owners) } catch { print(error, outbox.tryReceive()) }
