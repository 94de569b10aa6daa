// What was handed out last.

extension LineDecoder {
  /// Lends what the last call that returned true went to: a line without its delimiter, or counted bytes.
  ///
  /// Copies nothing. It is empty after a call that returned false, and after an append.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try buffer.withBytes(body)
  }

  /// A copy of the line or of the counted bytes, to keep.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] {
    // Not Array(slice): that would share the decoder's memory where the slice is all of it.
    buffer.withBytes { bytes in [UInt8](capacity: bytes.count) { $0.append(copying: bytes) } }
  }

  /// The line as text, if it is UTF-8.
  ///
  /// Copies. Throws ``LineError/invalidUTF8``; the line is still there, and the decoder has not failed.
  public func string() throws(LineError) -> String {
    guard let string = String(validating: buffer.slice, as: UTF8.self) else { throw .invalidUTF8 }
    return string
  }

  /// The line as text, with U+FFFD in the place of what is not UTF-8.
  ///
  /// Copies.
  public func repairedString() -> String {
    String(decoding: buffer.slice, as: UTF8.self)
  }
}
