import Amy
import Support

/// A message goes back and forth between two pollers on two threads.
struct RoundTrips {
  private let spinning: Duration
  private let here: Poller
  private let there: Poller

  init(spinning: Duration) throws {
    self.spinning = spinning
    here = try Poller()
    there = try Poller()
  }

  func run(_ rounds: Int) throws {
    let (sender, receiver) = try there.registrar.makeChannel(of: Int.self)
    let (replier, replies) = try here.registrar.makeChannel(of: Int.self)
    let thread = Thread { [self] in
      var isOpen = true
      var events = EventBuffer()
      while isOpen {
        wait(there, &events)
        if !events.isEmpty { isOpen = receiver.receiveAll { _ = replier.send($0) } }
      }
    }
    var events = EventBuffer()
    let start = Usage.now
    for round in 0..<rounds {
      _ = sender.send(round)
      var isBack = false
      while !isBack {
        wait(here, &events)
        if !events.isEmpty { replies.receiveAll { isBack = $0 == round } }
      }
    }
    start.printSince(operations: rounds)
    _ = sender.send(-1)
    _ = consume sender
    thread.join()
  }

  private func wait(_ poller: Poller, _ events: inout EventBuffer) {
    do {
      if spinning > .zero {
        try poller.wait(into: &events, spinning: spinning)
      } else {
        try poller.wait(into: &events)
      }
    } catch {
      fatalError("\(error)")
    }
  }
}
