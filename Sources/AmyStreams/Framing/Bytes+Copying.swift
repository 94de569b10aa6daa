// The only file of this module that contains `unsafe`. In Swift 6.3 the standard library safely copies elements from a span
// only one by one. The copies stay within the bounds that both sides state: the array makes its own room, and the room of the
// output span is checked first.

extension [UInt8] {
  /// Appends a copy of a span.
  mutating func append(copying bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

extension OutputSpan<UInt8> {
  /// Appends a copy of a span, for which there must be room.
  mutating func append(copying bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity, "there is no room for the bytes")
    unsafe withUnsafeMutableBufferPointer { room, count in
      unsafe bytes.withUnsafeBufferPointer { source in
        count = unsafe room[count...].initialize(fromContentsOf: source)
      }
    }
  }
}
