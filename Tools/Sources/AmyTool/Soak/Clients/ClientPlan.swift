internal import Amy

/// A client's plan, decided at random before it begins.
struct ClientPlan: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    /// Sends a piece, waits until it is back, and sends the next.
    case steady
    /// Sends all at once, and reads meanwhile.
    case fast
    /// Sends and reads a little, with pauses.
    case slow
    /// Shuts down sending, and reads to the end.
    case halfClosing = "half-closing"
    /// Connects, is silent, and then steady.
    case idle
    /// Sends what the protocol does not allow.
    case garbage
    /// Resets in the middle.
    case resetting
    /// Closes in the middle, with bytes in flight.
    case vanishing
    /// Connects and closes.
    case storming
  }

  let kind: Kind
  let wire: WireProtocol
  /// The protocol of its payload's row.
  let row: WireProtocol
  let window: Range<Int>
  /// The bytes that a steady client sends at a time, and a slow one reads and writes.
  let piece: Int
  let trigger: Trigger
  /// Of pauses, or of the silence.
  let pause: Duration
  /// The bytes after which it breaks off, if it does.
  let breaksAfter: Int
  /// The last byte of its source address.
  let address: UInt8

  init(_ rng: inout SeededRNG, _ kind: Kind, _ rows: [WireProtocol: Row]) {
    self.kind = kind
    let wire: WireProtocol = kind == .garbage ? rng.pick([.lines, .frames]) : rng.pick(WireProtocol.allCases)
    let size =
      switch kind {
      case .fast, .halfClosing: rng.size(upTo: Row.longest / 2)
      case .slow: rng.size(upTo: 4_000)
      default: rng.size(upTo: 40_000)
      }
    self.wire = wire
    row = kind == .garbage ? .echo : wire
    window = rows[row]?.window(&rng, size: size) ?? 0..<0
    // All are done after a hundred rounds or pauses.
    piece = max(1, window.count / rng.roll(2...100), kind == .slow ? 0 : rng.size(upTo: 8_000))
    trigger = rng.pick(Trigger.allCases)
    pause = kind == .idle ? rng.duration(upTo: .seconds(1)) : rng.duration(upTo: .milliseconds(20))
    breaksAfter = rng.size(upTo: window.count)
    address = UInt8(rng.roll(1...250))
  }

  /// Whether it leaves early, or sends something without an answer.
  var isBreakingOff: Bool {
    switch kind {
    case .resetting, .vanishing, .storming, .garbage: true
    default: false
    }
  }
}
