extension Duration {
  /// Nanoseconds, rounded up and saturating, so that no duration is cut short: below zero is zero, and what 64 bits cannot
  /// hold, some 584 years, is their largest number, which means forever.
  ///
  /// Up to 9,400 seconds take one division by a constant: 10^9 is 2^9 times 1,953,125.
  package var nanoseconds: UInt64 {
    let attoseconds = attoseconds
    if let few = UInt64(exactly: attoseconds >> 9) {
      let quotient = few / 1_953_125
      let isExact = UInt64(truncatingIfNeeded: attoseconds) == quotient &* 1_000_000_000
      return quotient &+ (isExact ? 0 : 1)
    }
    if attoseconds < 0 { return 0 }
    let (quotient, remainder) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt64(clamping: remainder == 0 ? quotient : quotient + 1)
  }
}
