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
    var state: UInt64 = 0
    bytes = (0..<Self.places + size).map { _ in
      // SplitMix64: each run has the same bytes.
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      let byte = UInt8(truncatingIfNeeded: mixed >> 56)
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
    let expected = bytes.span.extracting(window)
    var difference: UInt8 = 0
    for index in 0..<received.count { difference |= expected[index] ^ received[index] }
    if difference == 0 { return nil }
    return (0..<received.count).first { expected[$0] != received[$0] }
  }
}
