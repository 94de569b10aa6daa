extension FrameDecoder {
  /// Lends a closure the payload that the last call advanced to.
  ///
  /// Copies nothing. The span is empty after false, and after an append.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withBytes(body)
  }

  /// Returns a copy of the payload.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] {
    // Not Array(slice), which shares the decoder's memory if the slice is all of it.
    buffer.withBytes { bytes in [UInt8](capacity: bytes.count) { $0.append(copying: bytes) } }
  }
}
