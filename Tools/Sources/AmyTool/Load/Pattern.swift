/// The bytes that the generator sends: other ones for each connection, and for each of its requests.
///
/// A request is a window of one long row of random bytes, so nothing has to be written to send it, and a reply is compared with
/// the same window. Any two connections differ at the same request, and any two of the next 65,536 requests of a connection
/// differ: bytes that are swapped, lost, doubled, or late are found.
struct Pattern: Sendable {
  /// The row, long enough for a window of the largest size at each place.
  let bytes: [UInt8]
  /// The bytes of a request.
  let size: Int

  private static let places = 1 << 16

  init(size: Int, isText: Bool = false) {
    self.size = size
    // Each run has the same bytes.
    var rng = SeededRNG(0)
    bytes = (0..<Self.places + size).map { _ in
      let byte = UInt8(truncatingIfNeeded: rng.next() >> 56)
      // Of text 64 printable characters; those of a window still differ from those of any other.
      return isText ? UInt8(ascii: "0") + byte & 63 : byte
    }
  }

  /// Where in the row a request is.
  func window(of request: Int, on connection: Int) -> Range<Int> {
    // Both factors are odd, so that each goes through all places before it comes back.
    let place = (connection &* 40_503 &+ request &* 25_717) & (Self.places - 1)
    return place..<place + size
  }

  /// The first position where what was received is not what the row has there, or nil.
  func mismatch(_ received: Span<UInt8>, in window: Range<Int>) -> Int? {
    received.firstDifference(from: bytes.span.extracting(window))
  }
}

extension Span<UInt8> {
  /// The first position at which another has another byte, or nil; the other is no shorter.
  func firstDifference(from other: Span<UInt8>) -> Int? {
    var difference: UInt8 = 0
    for index in 0..<count { difference |= other[index] ^ self[index] }
    if difference == 0 { return nil }
    return (0..<count).first { other[$0] != self[$0] }
  }
}
