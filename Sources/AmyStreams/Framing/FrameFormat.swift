/// The format of the length that precedes a frame's payload.
///
/// ```swift
/// FrameFormat()  // amy's own: four bytes, the highest first, for the payload
/// FrameFormat(prefix: .twoBytes, byteOrder: .littleEndian, counting: .frame)
/// FrameFormat(prefix: .varint)
/// ```
public struct FrameFormat: Hashable, Sendable {
  /// The number of bytes that the length takes.
  public enum Prefix: Hashable, Sendable {
    /// One byte: lengths up to 255.
    case oneByte
    /// Two bytes: lengths up to 65,535.
    case twoBytes
    /// Four bytes: lengths up to 4,294,967,295.
    case fourBytes
    /// Eight bytes.
    case eightBytes
    /// Seven bits per byte, the lowest first, with the top bit set in all bytes except the last: LEB128, as in Protocol
    /// Buffers.
    ///
    /// One to ten bytes. Only the shortest form of a number is accepted. Byte order does not apply.
    case varint
  }

  /// The order of the bytes of a number.
  public enum ByteOrder: Hashable, Sendable {
    /// The highest byte first, as in network byte order.
    case bigEndian
    /// The lowest byte first.
    case littleEndian
  }

  /// What the length counts.
  public enum Counted: Hashable, Sendable {
    /// The bytes after the prefix.
    case payload
    /// The prefix and the bytes after it.
    ///
    /// As a varint, the length has two encodings where its own size makes the difference: 126 bytes are 127 with a prefix of
    /// one byte, or 128 with one of two. Both are accepted; the encoder writes the shorter one.
    case frame
  }

  /// The number of bytes that the length takes.
  public let prefix: Prefix
  /// The order of the length's bytes; without a meaning for a varint.
  public let byteOrder: ByteOrder
  /// What the length counts.
  public let counted: Counted

  /// Creates a format; the default is Amy's own: four bytes, the highest first, the length of the payload.
  public init(prefix: Prefix = .fourBytes, byteOrder: ByteOrder = .bigEndian, counting counted: Counted = .payload) {
    self.prefix = prefix
    self.byteOrder = byteOrder
    self.counted = counted
  }

  /// Returns the prefix's size for a payload of `count` bytes; nil if the length does not fit, or `count` is below 0.
  public func prefixCount(forPayloadOf count: Int) -> Int? {
    count < 0 ? nil : FrameHeader(forPayloadOf: UInt64(count), format: self)?.count
  }

  /// Every prefix's size in bytes; nil for a varint.
  var fixedCount: Int? {
    switch prefix {
    case .oneByte: 1
    case .twoBytes: 2
    case .fourBytes: 4
    case .eightBytes: 8
    case .varint: nil
    }
  }
}
