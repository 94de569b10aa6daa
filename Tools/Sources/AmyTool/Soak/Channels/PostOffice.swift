internal import Amy

/// A channel's sending end, bounded or unbounded.
struct PostOffice: Sendable {
  private let unbounded: Sender<Message>?
  private let bounded: BoundedSender<Message>?

  init(unbounded: Sender<Message>) {
    self.unbounded = unbounded
    bounded = nil
  }

  init(bounded: BoundedSender<Message>) {
    self.bounded = bounded
    unbounded = nil
  }

  /// Sends by a random method; returns whether the message came back without a receiver.
  func send(_ message: consuming Message, _ rng: inout SeededRNG) -> Bool {
    if let unbounded { return unbounded.send(message) != nil }
    guard let bounded else { return true }
    var message = message
    while true {
      let outcome =
        switch rng.roll(0...2) {
        case 0: bounded.trySend(message)
        case 1: bounded.send(message, until: .now + .microseconds(200))
        default: bounded.send(message)
        }
      switch consume outcome {
      case .sent: return false
      case .disconnected: return true
      case .full(let refused): message = refused
      }
    }
  }
}
