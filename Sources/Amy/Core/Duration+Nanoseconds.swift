extension Duration {
  /// Nanoseconds, rounded up and saturating: nothing is ever cut short, below zero is zero, and what 64 bits cannot hold,
  /// some 584 years, is their largest number, which stands for ever.
  ///
  /// Half the range, up to 18 seconds, takes one division by a constant.
  package var nanoseconds: UInt64 {
    let attoseconds = attoseconds
    if let few = UInt64(exactly: attoseconds) {
      let (quotient, remainder) = few.quotientAndRemainder(dividingBy: 1_000_000_000)
      return quotient &+ (remainder == 0 ? 0 : 1)
    }
    if attoseconds < 0 { return 0 }
    let (quotient, remainder) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt64(clamping: remainder == 0 ? quotient : quotient + 1)
  }
}
