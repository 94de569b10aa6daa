extension LineDecoder {
  /// Appends a copy of received bytes.
  ///
  /// O(bytes), amortised over all appends. Invalidates what was handed out last. A failed decoder takes nothing.
  public mutating func append(_ bytes: Span<UInt8>) {
    if failure == nil { buffer.append(bytes) }
  }

  /// Appends a copy of an array of received bytes.
  ///
  /// See ``append(_:)-(Span<UInt8>)``.
  public mutating func append(_ bytes: [UInt8]) {
    append(bytes.span)
  }

  /// Appends a copy of a slice of received bytes.
  ///
  /// See ``append(_:)-(Span<UInt8>)``.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    append(bytes.span)
  }

  /// Lets a closure write bytes directly into the decoder, for example by a read from a socket.
  ///
  /// Invalidates what was handed out last. A failed decoder discards what the closure writes.
  ///
  /// - Parameters:
  ///   - capacity: The room for the closure, in bytes, clamped to 0 through 256 MiB. Allocates if less is free.
  ///   - body: Appends its bytes to the span. If it throws, the bytes written before count.
  ///
  /// - Returns: The result of the closure.
  /// - Throws: The error of the closure.
  @inlinable
  public mutating func append<Result: ~Copyable, Failure: Error>(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { if failure != nil { buffer.removeAll() } }
    return try buffer.append(addingCapacity: capacity, body)
  }
}
