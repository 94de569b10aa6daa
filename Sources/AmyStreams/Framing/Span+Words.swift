extension Span<UInt8> {
  /// Eight bytes as a number, the first as its lowest byte.
  ///
  /// The part of eight is checked once; its bytes need no checks of their own then, and become one load.
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

  /// Where a byte is found first, from an index on, or the count where it is not.
  ///
  /// The pattern is the byte, eight times. 32 bytes at a time, as four numbers: the compiler makes vectors of them.
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

  /// Eight bytes, of which the first that is the byte has its top bit set, and those before it have not.
  ///
  /// With the byte removed by xor, `(x - 1) & ~x` has the top bit of each byte set that was zero, and above the lowest of them
  /// perhaps some more, which nobody asks for.
  @inlinable
  @inline(__always)
  func zeros(at index: Int, without pattern: UInt64) -> UInt64 {
    let difference = word(at: index) ^ pattern
    return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
  }
}
