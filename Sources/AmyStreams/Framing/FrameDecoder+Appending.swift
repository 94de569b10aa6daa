extension FrameDecoder {
  /// Appends a copy of received bytes.
  ///
  /// O(bytes), amortised over all appends. Invalidates the last payload. A failed decoder takes nothing.
  public mutating func append(_ bytes: Span<UInt8>) {
    if failure == nil { buffer.append(bytes) }
  }

  /// Appends a copy of an array: see ``append(_:)-(Span<UInt8>)``.
  public mutating func append(_ bytes: [UInt8]) {
    append(bytes.span)
  }

  /// Appends a copy of a slice: see ``append(_:)-(Span<UInt8>)``.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    append(bytes.span)
  }

  /// Lets a closure write bytes into the decoder, such as a read from a socket; those written before it throws count.
  ///
  /// `capacity` is the closure's room in bytes, clamped to 0 through 256 MiB. Allocates if less is free. Invalidates the last
  /// payload. A failed decoder discards what the closure writes.
  @inlinable
  public mutating func append<Result: ~Copyable, Failure: Error>(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { if failure != nil { buffer.removeAll() } }
    return try buffer.append(addingCapacity: capacity, body)
  }
}
