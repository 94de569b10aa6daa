/// The bytes that the generator sends: different ones for each connection, and for each of its requests.
///
/// A request is a window of one long row of random bytes. So sending it needs no writing of bytes, and a reply is compared with
/// the same window. Any two connections differ at the same request, and any two of the next 65,536 requests of a connection
/// differ: bytes that are swapped, lost, duplicated, or late are found.
struct Pattern: Sendable {
  /// The row, long enough for a window of the given size at each position.
  let bytes: [UInt8]
  /// The size of a request in bytes.
  let size: Int

  private static let places = 1 << 16

  init(size: Int, isText: Bool = false) {
    self.size = size
    // The same bytes in each run.
    var rng = SeededRNG(0)
    bytes = (0..<Self.places + size).map { _ in
      let byte = UInt8(truncatingIfNeeded: rng.next() >> 56)
      // For text: 64 printable characters. A window still differs from any other.
      return isText ? UInt8(ascii: "0") + byte & 63 : byte
    }
  }

  /// Returns the window of a request.
  func window(of request: Int, on connection: Int) -> Range<Int> {
    // Both factors are odd, so that each goes through all positions before it repeats.
    let place = (connection &* 40_503 &+ request &* 25_717) & (Self.places - 1)
    return place..<place + size
  }

  /// Returns the first position where the received bytes differ from the row, or nil.
  func mismatch(_ received: Span<UInt8>, in window: Range<Int>) -> Int? {
    received.firstDifference(from: bytes.span.extracting(window))
  }
}

extension Span<UInt8> {
  /// Returns the first position where the two spans differ, or nil.
  ///
  /// The other span must not be shorter.
  func firstDifference(from other: Span<UInt8>) -> Int? {
    var difference: UInt8 = 0
    for index in 0..<count { difference |= other[index] ^ self[index] }
    if difference == 0 { return nil }
    return (0..<count).first { other[$0] != self[$0] }
  }
}
