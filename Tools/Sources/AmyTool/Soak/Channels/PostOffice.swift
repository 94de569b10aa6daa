internal import Amy

/// The sending end of a channel, with a limit or without.
struct PostOffice: Sendable {
  private let unbounded: Sender<Letter>?
  private let bounded: BoundedSender<Letter>?

  init(unbounded: Sender<Letter>) {
    self.unbounded = unbounded
    bounded = nil
  }

  init(bounded: BoundedSender<Letter>) {
    self.bounded = bounded
    unbounded = nil
  }

  /// Sends it, in one of the ways that there are; returns whether it came back, since nobody receives.
  func send(_ letter: consuming Letter, _ dice: inout Dice) -> Bool {
    if let unbounded { return unbounded.send(letter) != nil }
    guard let bounded else { return true }
    var letter = letter
    while true {
      let outcome =
        switch dice.roll(0...2) {
        case 0: bounded.trySend(letter)
        case 1: bounded.send(letter, until: .now + .microseconds(200))
        default: bounded.send(letter)
        }
      switch consume outcome {
      case .sent: return false
      case .disconnected: return true
      case .full(let refused): letter = refused
      }
    }
  }
}
