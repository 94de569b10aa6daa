/// The prefix of one frame: its size, and the number in it.
struct FrameHeader {
  /// The prefix's size in bytes.
  let count: Int
  let length: UInt64

  private init(count: Int, length: UInt64) {
    self.count = count
    self.length = length
  }
}

extension FrameHeader {
  /// Returns nil if the payload's length does not fit.
  init?(forPayloadOf payload: UInt64, format: FrameFormat) {
    guard let count = format.fixedCount else {
      self.init(varintForPayloadOf: payload, counted: format.counted)
      return
    }
    let (length, overflows) = payload.addingReportingOverflow(format.counted == .frame ? UInt64(count) : 0)
    guard !overflows, count == 8 || length >> UInt64(8 * count) == 0 else { return nil }
    self.init(count: count, length: length)
  }

  private init(varintForPayloadOf payload: UInt64, counted: FrameFormat.Counted) {
    guard counted == .frame else {
      self.init(count: Self.varintCount(payload), length: payload)
      return
    }
    // The length counts its own prefix, which this lengthens by at most one byte.
    var count = Self.varintCount(payload)
    if Self.varintCount(payload + UInt64(count)) > count { count += 1 }
    self.init(count: count, length: payload + UInt64(count))
  }

  private static func varintCount(_ number: UInt64) -> Int {
    (64 + 6 - (number | 1).leadingZeroBitCount) / 7
  }

  /// There must be room.
  func write(to room: inout OutputSpan<UInt8>, format: FrameFormat) {
    if let count = format.fixedCount {
      var rest = format.byteOrder == .bigEndian ? length.byteSwapped &>> UInt64(64 - 8 * count) : length
      for _ in 0..<count {
        room.append(UInt8(truncatingIfNeeded: rest))
        rest &>>= 8
      }
    } else {
      var rest = length
      while rest >= 0x80 {
        room.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      room.append(UInt8(truncatingIfNeeded: rest))
    }
  }
}

extension FrameHeader {
  /// Reads the front of a span; returns nil if the header is incomplete.
  init?(reading bytes: Span<UInt8>, format: FrameFormat) throws(FrameError) {
    guard let count = format.fixedCount else {
      try self.init(readingVarint: bytes)
      return
    }
    guard bytes.count >= count else { return nil }
    var length: UInt64 = 0
    for index in 0..<count {
      let place = format.byteOrder == .bigEndian ? count - 1 - index : index
      length |= UInt64(bytes[index]) << UInt64(8 * place)
    }
    self.init(count: count, length: length)
  }

  private init?(readingVarint bytes: Span<UInt8>) throws(FrameError) {
    var length: UInt64 = 0
    for index in 0..<min(bytes.count, 10) {
      let byte = bytes[index]
      // Nine bytes hold 63 bits: the tenth holds one more.
      if index == 9, byte > 1 { throw .varintOverflow }
      length |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 {
        if byte == 0, index > 0 { throw .varintNotShortest }
        self.init(count: index + 1, length: length)
        return
      }
    }
    return nil
  }

  /// The number of bytes that follow; throws if the length is impossible, or over the limit.
  func payloadCount(format: FrameFormat, limit: Int) throws(FrameError) -> Int {
    let overhead = format.counted == .frame ? UInt64(count) : 0
    guard length >= overhead else { throw .shorterThanPrefix(length: Int(length), prefix: count) }
    guard length - overhead <= UInt64(limit) else { throw .tooLong(length: length - overhead, limit: limit) }
    return Int(length - overhead)
  }
}
