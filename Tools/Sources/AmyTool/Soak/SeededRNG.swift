/// SplitMix64: the same on every machine.
struct SeededRNG: RandomNumberGenerator, Sendable {
  private(set) var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  /// A generator for a name and a number: one thread's rolls do not affect another's.
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

  /// True once in that many times.
  mutating func isOne(in count: Int) -> Bool {
    roll(1...count) == 1
  }

  /// A number from 0 to a limit, each power of two as likely as the next, for small and large ones.
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
