internal import Amy
internal import AmyThreads

/// Checks that all messages of each sender arrive, in order.
final class ChannelChecker: Sendable {
  fileprivate struct State {
    /// Nil once dropped, or without senders.
    var receiver: Receiver<Message>?
    /// Each sender's next message.
    var next: [Int]
    var isAtEnd = false
    /// The messages after which the receiver is dropped.
    var rest: Int?
    var mistake: String?
  }

  let id: Event.ID
  /// Whether it is dropped before the end.
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

  /// Whether nothing more comes.
  var isAtEnd: Bool { state.withLock { $0.isAtEnd } }

  /// The messages from each sender.
  var counts: [Int] { state.withLock { $0.next } }

  /// Receives some waiting messages, and returns what is wrong.
  ///
  /// One thread at a time receives: between two, the messages' order would be unknown.
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

  /// Receives on a sleeping thread, without a poller, and returns what is wrong.
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

  /// Counts the messages received, and drops the receiver if it is time.
  fileprivate mutating func settle(_ counter: Counter, _ before: Int) -> String? {
    let count = next.reduce(0, +)
    counter.add(count - before)
    if let rest, count >= rest { isAtEnd = true }
    if isAtEnd { receiver = nil }
    return mistake
  }
}
