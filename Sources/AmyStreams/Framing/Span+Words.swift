extension Span<UInt8> {
  /// Returns eight bytes as a number, the first as its lowest byte.
  ///
  /// One check of the range replaces those of the bytes, which become one load.
  @inlinable
  @inline(__always)
  func word(at index: Int) -> UInt64 {
    let bytes = extracting(index..<index &+ 8)
    let low =
      UInt64(bytes[0]) | UInt64(bytes[1]) &<< 8 | UInt64(bytes[2]) &<< 16 | UInt64(bytes[3]) &<< 24
    let high =
      UInt64(bytes[4]) | UInt64(bytes[5]) &<< 8 | UInt64(bytes[6]) &<< 16 | UInt64(bytes[7]) &<< 24
    return low | high &<< 32
  }

  /// Returns the first index of a byte, from an index on, or the count if there is none.
  ///
  /// The pattern is the byte, eight times. The search takes 32 bytes at a time, as four numbers, which the compiler turns into
  /// vectors.
  @inlinable
  @inline(__always)
  func firstIndex(ofByteIn pattern: UInt64, from start: Int) -> Int {
    var index = start
    while index &+ 32 <= count {
      let bytes = extracting(index..<index &+ 32)
      let first = bytes.zeros(at: 0, without: pattern)
      let second = bytes.zeros(at: 8, without: pattern)
      let third = bytes.zeros(at: 16, without: pattern)
      let fourth = bytes.zeros(at: 24, without: pattern)
      if first | second | third | fourth != 0 {
        if first != 0 { return index &+ first.trailingZeroBitCount &>> 3 }
        if second != 0 { return index &+ 8 &+ second.trailingZeroBitCount &>> 3 }
        if third != 0 { return index &+ 16 &+ third.trailingZeroBitCount &>> 3 }
        return index &+ 24 &+ fourth.trailingZeroBitCount &>> 3
      }
      index &+= 32
    }
    while index &+ 8 <= count {
      let zeros = zeros(at: index, without: pattern)
      if zeros != 0 { return index &+ zeros.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < count, self[index] != UInt8(truncatingIfNeeded: pattern) { index &+= 1 }
    return index
  }

  /// Returns eight bytes, of which the first that equals the byte has its top bit set, and those before it have not.
  ///
  /// Xor with the pattern makes the byte zero. `(x - 1) & ~x` sets the top bit of each zero byte, and perhaps of some bytes
  /// above the lowest of them, which callers ignore.
  @inlinable
  @inline(__always)
  func zeros(at index: Int, without pattern: UInt64) -> UInt64 {
    let difference = word(at: index) ^ pattern
    return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
  }
}
