/// The bytes that the generator sends, different for each connection and request.
///
/// A request is a window of one row of random bytes, also compared with its reply: sending writes no bytes. Any two connections
/// differ at the same request, and any two of a connection's next 65,536 requests: bytes swapped, lost, duplicated, or late are
/// found.
struct Pattern: Sendable {
  /// A window of the given size fits at each position.
  let bytes: [UInt8]
  /// A request's bytes.
  let size: Int

  private static let places = 1 << 16

  init(size: Int, isText: Bool = false) {
    self.size = size
    // The same in each run.
    var rng = SeededRNG(0)
    bytes = (0..<Self.places + size).map { _ in
      let byte = UInt8(truncatingIfNeeded: rng.next() >> 56)
      // 64 printable characters; a window still differs from any other.
      return isText ? UInt8(ascii: "0") + byte & 63 : byte
    }
  }

  func window(of request: Int, on connection: Int) -> Range<Int> {
    // Odd factors go through all positions before they repeat.
    let place = (connection &* 40_503 &+ request &* 25_717) & (Self.places - 1)
    return place..<place + size
  }

  /// Returns the first position where the received bytes differ, or nil.
  func mismatch(_ received: Span<UInt8>, in window: Range<Int>) -> Int? {
    received.firstDifference(from: bytes.span.extracting(window))
  }
}

extension Span<UInt8> {
  /// Returns the first position that differs, or nil; the other span must not be shorter.
  func firstDifference(from other: Span<UInt8>) -> Int? {
    var difference: UInt8 = 0
    for index in 0..<count { difference |= other[index] ^ self[index] }
    if difference == 0 { return nil }
    return (0..<count).first { other[$0] != self[$0] }
  }
}
