internal import Amy

/// What a client is going to do: decided by rng, before it begins.
struct ClientPlan: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    /// Sends, waits for all of it to come back, and sends the next.
    case steady
    /// Sends all at once, and reads meanwhile.
    case fast
    /// Sends and reads a little at a time, with pauses.
    case slow
    /// Ends its sending direction, and reads what is still to come, up to the end.
    case halfClosing = "half-closing"
    /// Connects, says nothing for a while, and then what a steady one says.
    case idle
    /// Sends what the protocol does not allow.
    case garbage
    /// Resets the connection in the middle.
    case resetting
    /// Closes in the middle, with bytes under way.
    case vanishing
    /// Connects and is gone.
    case storming
  }

  let kind: Kind
  let wire: WireProtocol
  /// Whose row it takes what it sends from.
  let row: WireProtocol
  /// What is sent, in that row.
  let window: Range<Int>
  /// How many bytes a steady one sends at a time, and a slow one reads and writes.
  let piece: Int
  let trigger: Trigger
  /// How long the pauses are, or how long it says nothing.
  let pause: Duration
  /// After how many bytes it breaks off, of those who do.
  let breaksAfter: Int
  /// The last byte of its own address.
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
    // After a hundred rounds or pauses all have done.
    piece = max(1, window.count / rng.roll(2...100), kind == .slow ? 0 : rng.size(upTo: 8_000))
    trigger = rng.pick(Trigger.allCases)
    pause = kind == .idle ? rng.duration(upTo: .seconds(1)) : rng.duration(upTo: .milliseconds(20))
    breaksAfter = rng.size(upTo: window.count)
    address = UInt8(rng.roll(1...250))
  }

  /// Whether it goes before the end of what it has to say, or says what has no answer.
  var isBreakingOff: Bool {
    switch kind {
    case .resetting, .vanishing, .storming, .garbage: true
    default: false
    }
  }
}
