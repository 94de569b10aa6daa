/// A long row of items with the payloads of a protocol's clients.
///
/// An item is a byte for echo, else a line or a frame, so that it comes back as sent.
final class Row: Sendable {
  let bytes: [UInt8]
  /// The items' ends; empty if each is a byte.
  private let ends: [Int]
  /// The maximum of a window, and the bytes behind the last start of one.
  static var longest: Int { 1 << 19 }

  init(for wire: WireProtocol, _ rng: inout SeededRNG) {
    let length = 2 * Self.longest
    var bytes: [UInt8] = []
    var ends: [Int] = []
    bytes.reserveCapacity(length + (1 << 14))
    while bytes.count < length {
      let size = rng.size(upTo: 1 << 13)
      if wire == .frames { bytes += [0, 0, UInt8(truncatingIfNeeded: size >> 8), UInt8(truncatingIfNeeded: size)] }
      for _ in 0..<size {
        let byte = UInt8(truncatingIfNeeded: rng.next() >> 56)
        bytes.append(wire.isText ? UInt8(ascii: "0") + byte & 63 : byte)
      }
      if wire == .lines { bytes.append(UInt8(ascii: "\n")) }
      if wire != .echo { ends.append(bytes.count) }
    }
    self.bytes = bytes
    self.ends = ends
  }

  /// Returns one or more items of about that many bytes.
  func window(_ rng: inout SeededRNG, size: Int) -> Range<Int> {
    let begin = end(atOrAfter: rng.roll(0...(Self.longest - 1)))
    return begin..<end(atOrAfter: begin + max(1, min(size, Self.longest / 2)))
  }

  /// Returns the end of the item at a position.
  func end(atOrAfter place: Int) -> Int {
    if ends.isEmpty { return place }
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] < place { low = middle + 1 } else { high = middle }
    }
    return ends[low]
  }
}
