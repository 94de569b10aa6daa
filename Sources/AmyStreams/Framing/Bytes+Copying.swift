// The only file of this module that contains `unsafe`: in Swift 6.3 the standard library safely copies a span only one element
// at a time. The copies stay within stated bounds: the array makes its own room, and the output span's is checked first.

extension [UInt8] {
  mutating func append(copying bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

extension OutputSpan<UInt8> {
  /// There must be room.
  mutating func append(copying bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity, "there is no room for the bytes")
    unsafe withUnsafeMutableBufferPointer { room, count in
      unsafe bytes.withUnsafeBufferPointer { source in
        count = unsafe room[count...].initialize(fromContentsOf: source)
      }
    }
  }
}
