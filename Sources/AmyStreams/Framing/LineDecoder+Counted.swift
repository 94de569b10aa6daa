// For protocols that mix lines and counted bytes: RESP's bulk strings, HTTP's bodies.

extension LineDecoder {
  /// Advances to the next `count` bytes, whatever they contain, and returns whether all have arrived.
  ///
  /// After true, ``withBytes(_:)`` lends them in one piece. After false, append more and call again with the same count.
  ///
  /// O(1). Throws ``LineError/countOutOfRange(_:limit:)`` for more than the ``limit``, or fewer than 0: a peer's number needs
  /// no check.
  public mutating func next(count: Int) throws(LineError) -> Bool {
    if let failure { throw failure }
    guard count >= 0, count <= limit else { throw fail(.countOutOfRange(count, limit: limit)) }
    if buffer.count >= count {
      handOut(count, dropping: 0)
      return true
    }
    waitForBytes(count)
    return false
  }

  /// Advances to the bytes that have arrived, whatever they contain, at most `count`, and returns whether there are any.
  ///
  /// For bodies longer than you want to hold: subtract the size of each piece, and ask for the rest.
  ///
  /// ```swift
  /// while rest > 0, try lines.nextPiece(atMost: rest) {
  ///   rest -= lines.withBytes { piece in file.write(piece) }
  /// }
  /// ```
  ///
  /// O(1). The ``limit`` applies to lines and to counted bytes in one piece, not here. Returns false for a count of 0 or less.
  public mutating func nextPiece(atMost count: Int) throws(LineError) -> Bool {
    if let failure { throw failure }
    if count > 0, buffer.count > 0 {
      handOut(min(count, buffer.count), dropping: 0)
      return true
    }
    waitForBytes(max(0, count))
    return false
  }

  private mutating func waitForBytes(_ count: Int) {
    awaitedCount = count
    buffer.handOutNothing()
    buffer.trim()
  }
}
