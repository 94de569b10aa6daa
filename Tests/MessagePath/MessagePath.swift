import Amy

/// A message to a poller that somebody sleeps for: `Benchmarks/path` counts the functions that it passes up to the kernel.
@main
struct MessagePath {
  static func main() throws {
    // Somebody sleeps who watches the descriptor: so each first message is signalled, and no thread is needed.
    let poller = try Poller(isEmbedded: true)
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    var events = EventBuffer()
    for number in 0..<3 {
      if number < 2 { _ = sender.send(number) } else { measured(sender, number) }
      try poller.wait(into: &events, timeout: .zero)
      precondition(events.count == 1, "no event came")
      receiver.receiveAll { precondition($0 == number, "another message came") }
    }
  }

  /// By this name the counting begins and ends.
  @inline(never)
  static func measured(_ sender: Sender<Int>, _ number: Int) {
    _ = sender.send(number)
  }
}
