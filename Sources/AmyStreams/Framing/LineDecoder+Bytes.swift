extension LineDecoder {
  /// Lends a closure what the last call advanced to: a line without its delimiter, or counted bytes.
  ///
  /// Copies nothing. The span is empty after false, and after an append.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withBytes(body)
  }

  /// Returns a copy of the line or of the counted bytes.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] {
    // Not Array(slice), which shares the decoder's memory if the slice is all of it.
    buffer.withBytes { bytes in [UInt8](capacity: bytes.count) { $0.append(copying: bytes) } }
  }

  /// Returns the line as text, if it is UTF-8.
  ///
  /// Copies. Throws ``LineError/invalidUTF8``; the line is still available, and the decoder has not failed.
  public func string() throws(LineError) -> String {
    guard let string = String(validating: buffer.slice, as: UTF8.self) else { throw .invalidUTF8 }
    return string
  }

  /// Returns the line as text, with U+FFFD for bytes that are not UTF-8.
  ///
  /// Copies.
  public func repairedString() -> String {
    String(decoding: buffer.slice, as: UTF8.self)
  }
}
