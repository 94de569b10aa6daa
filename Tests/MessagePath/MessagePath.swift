import Amy

/// Sends messages to a poller with a sleeper: `Benchmarks/path` counts the functions on a message's way to the kernel.
@main
struct MessagePath {
  static func main() throws {
    // An embedded poller counts as having a sleeper: each first message is signalled, without a thread.
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

  /// The function in which the counting begins and ends.
  @inline(never)
  static func measured(_ sender: Sender<Int>, _ number: Int) {
    _ = sender.send(number)
  }
}
