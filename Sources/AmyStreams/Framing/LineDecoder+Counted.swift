// For protocols that mix lines and counted bytes: RESP's bulk strings, HTTP's bodies.

extension LineDecoder {
  /// Goes to the next so many bytes, whatever they are, and returns whether all of them have come.
  ///
  /// After true they are lent by ``withBytes(_:)`` in one piece. After false, append more and ask again, for the same count.
  ///
  /// O(1). Throws ``LineError/countOutOfRange(_:limit:)`` for more than the ``limit``, or fewer than 0: a peer's number needs
  /// no check before.
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

  /// Goes to the next bytes, whatever they are, as many as have come, up to so many, and returns whether there are any.
  ///
  /// For bodies that are longer than one wants to hold: subtract what came, and ask for the rest.
  ///
  /// ```swift
  /// while rest > 0, try lines.nextPiece(atMost: rest) {
  ///   rest -= lines.withBytes { piece in file.write(piece) }
  /// }
  /// ```
  ///
  /// O(1). The ``limit`` is for lines and for what is asked for in one piece, not for this. With 0 or less to ask for it
  /// returns false.
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
