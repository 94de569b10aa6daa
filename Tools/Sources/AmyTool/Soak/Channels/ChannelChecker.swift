internal import Amy
internal import AmyThreads

/// Checks a channel from its first message to its last: all messages of each sender must arrive, in order.
final class ChannelChecker: Sendable {
  fileprivate struct State {
    /// Nil once the receiver has been dropped, or has learned that there is no sender.
    var receiver: Receiver<Message>?
    /// The number of the next message, for each sender.
    var next: [Int]
    var isAtEnd = false
    /// The number of messages after which the receiver is dropped, if it is.
    var rest: Int?
    var mistake: String?
  }

  let id: Event.ID
  /// Whether the receiver is dropped before the end.
  let isLeft: Bool
  let alive = Message.Alive()
  private let state: Monitor<State>
  private let received: Counter

  init(_ receiver: Receiver<Message>, senders: Int, leavingAfter rest: Int?, _ received: Counter) {
    id = receiver.id
    isLeft = rest != nil
    self.received = received
    state = Monitor(State(receiver: receiver, next: [Int](repeating: 0, count: senders), rest: rest))
  }

  /// Whether the receiver gets nothing more.
  var isAtEnd: Bool { state.withLock { $0.isAtEnd } }

  /// The number of messages received from each sender.
  var counts: [Int] { state.withLock { $0.next } }

  /// Receives some of the waiting messages.
  ///
  /// Returns what is wrong, or nil.
  ///
  /// Only one thread receives at a time: otherwise the order of messages between two threads would be unknown.
  func receive(_ rng: inout SeededRNG) -> String? {
    let (all, few) = (rng.isOne(in: 2), rng.roll(1...8))
    return state.withLock { (state) -> String? in
      guard let receiver = state.receiver else { return nil }
      let before = state.next.reduce(0, +)
      if all {
        if !receiver.receiveAll({ state.hear($0) }) { state.isAtEnd = true }
      } else {
        // The rest causes another event.
        for _ in 0..<few where !state.isAtEnd { state.take(receiver.tryReceive()) }
      }
      return state.settle(received, before)
    }
  }

  /// Receives without a poller, on a thread that sleeps.
  ///
  /// Returns what is wrong, or nil.
  func receiveSleeping(spinning: Duration) -> String? {
    guard let receiver = state.withLock({ $0.receiver }) else { return nil }
    let outcome = receiver.receive(timeout: .milliseconds(100), spinning: spinning)
    return take(outcome)
  }

  private func take(_ outcome: consuming ReceiveOutcome<Message>) -> String? {
    switch consume outcome {
    case .message(let message): hear(message.sender, message.number)
    case .disconnected: end()
    case .empty: nil
    }
  }

  private func hear(_ sender: Int, _ number: Int) -> String? {
    state.withLock { state in
      let before = state.next.reduce(0, +)
      state.hear(sender, number)
      return state.settle(received, before)
    }
  }

  private func end() -> String? {
    state.withLock { state in
      state.isAtEnd = true
      return state.settle(received, state.next.reduce(0, +))
    }
  }
}

extension ChannelChecker.State {
  fileprivate mutating func take(_ outcome: consuming ReceiveOutcome<Message>) {
    switch consume outcome {
    case .message(let message): hear(message)
    case .disconnected: isAtEnd = true
    case .empty: break
    }
  }

  fileprivate mutating func hear(_ message: consuming Message) {
    hear(message.sender, message.number)
  }

  fileprivate mutating func hear(_ sender: Int, _ number: Int) {
    if next[sender] != number, mistake == nil {
      mistake = "message \(number) of sender \(sender) came instead of \(next[sender])"
    }
    next[sender] = number + 1
  }

  /// Counts the messages just received, and drops the receiver if it is time.
  fileprivate mutating func settle(_ counter: Counter, _ before: Int) -> String? {
    let count = next.reduce(0, +)
    counter.add(count - before)
    if let rest, count >= rest { isAtEnd = true }
    if isAtEnd { receiver = nil }
    return mistake
  }
}
