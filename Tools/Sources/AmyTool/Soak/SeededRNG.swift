/// Numbers that a seed decides: SplitMix64, the same on every machine.
struct SeededRNG: RandomNumberGenerator, Sendable {
  private(set) var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  /// SeededRNG of one's own for each name and number below a seed: what one thread rolls is nothing to another.
  init(_ seed: UInt64, _ name: String, _ number: Int = 0) {
    var mixed = SeededRNG(seed)
    for byte in name.utf8 { mixed.state = mixed.next() ^ UInt64(byte) }
    mixed.state = mixed.next() ^ UInt64(truncatingIfNeeded: number)
    state = mixed.next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func roll(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True once in so many times.
  mutating func isOne(in count: Int) -> Bool {
    roll(1...count) == 1
  }

  /// From 0 to a limit: each power of two as often as the next, so that the small and the large have their turn.
  mutating func size(upTo limit: Int) -> Int {
    let bits = roll(0...(Int.bitWidth - limit.leadingZeroBitCount))
    return min(limit, roll(0...((1 << bits) - 1)))
  }

  mutating func duration(upTo limit: Duration) -> Duration {
    .nanoseconds(Int64(size(upTo: Int(limit.wholeNanoseconds))))
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[roll(0...(elements.count - 1))]
  }
}
