/// How the length of a frame is written before it.
///
/// ```swift
/// FrameFormat()  // amy's own: four bytes, the highest first, for the payload
/// FrameFormat(prefix: .twoBytes, byteOrder: .littleEndian, counting: .frame)
/// FrameFormat(prefix: .varint)
/// ```
public struct FrameFormat: Hashable, Sendable {
  /// How many bytes the length takes.
  public enum Prefix: Hashable, Sendable {
    /// One byte: lengths to 255.
    case oneByte
    /// Two bytes: lengths to 65,535.
    case twoBytes
    /// Four bytes: lengths to 4,294,967,295.
    case fourBytes
    /// Eight bytes.
    case eightBytes
    /// Seven bits a byte, the lowest first, the top bit set in all but the last: LEB128, as in Protocol Buffers.
    ///
    /// One to ten bytes. Only the shortest form of a number is taken. There is no byte order.
    case varint
  }

  /// Which byte of a number comes first.
  public enum ByteOrder: Hashable, Sendable {
    /// The highest, as networks have it.
    case bigEndian
    /// The lowest.
    case littleEndian
  }

  /// What the length is the length of.
  public enum Counted: Hashable, Sendable {
    /// What follows the prefix.
    case payload
    /// The prefix and what follows it.
    ///
    /// As a varint it can be said in two ways where the number's own length makes the difference: 126 bytes are 127 with a
    /// prefix of one byte, or 128 with one of two. Both are taken; the encoder writes the shorter.
    case frame
  }

  /// How many bytes the length takes.
  public let prefix: Prefix
  /// Which byte of the length comes first; without a meaning for a varint.
  public let byteOrder: ByteOrder
  /// What the length is the length of.
  public let counted: Counted

  /// A format; without arguments amy's: four bytes, the highest first, the length of the payload.
  public init(prefix: Prefix = .fourBytes, byteOrder: ByteOrder = .bigEndian, counting counted: Counted = .payload) {
    self.prefix = prefix
    self.byteOrder = byteOrder
    self.counted = counted
  }

  /// How many bytes the prefix of a payload of so many takes, or nil where the length does not fit into it, or is below 0.
  public func prefixCount(forPayloadOf count: Int) -> Int? {
    count < 0 ? nil : FrameHeader(forPayloadOf: UInt64(count), format: self)?.count
  }

  /// How many bytes every prefix has, or nil for a varint.
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
