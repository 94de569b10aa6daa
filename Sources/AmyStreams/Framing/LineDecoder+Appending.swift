extension LineDecoder {
  /// Takes a copy of bytes that have come.
  ///
  /// O(bytes), amortised over all appends. What was handed out before is gone. A decoder that has failed takes nothing.
  public mutating func append(_ bytes: Span<UInt8>) {
    if failure == nil { buffer.append(bytes) }
  }

  /// Takes a copy of an array of bytes that have come.
  ///
  /// See ``append(_:)-(Span<UInt8>)``.
  public mutating func append(_ bytes: [UInt8]) {
    append(bytes.span)
  }

  /// Takes a copy of a slice of bytes that have come.
  ///
  /// See ``append(_:)-(Span<UInt8>)``.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    append(bytes.span)
  }

  /// Lets a closure write bytes right into the decoder: a read from a socket, say.
  ///
  /// What was handed out before is gone. A decoder that has failed forgets what the closure writes.
  ///
  /// - Parameters:
  ///   - capacity: How much room the closure gets, in bytes: from 0 to 256 MiB, and brought into that range if outside.
  ///     Allocates when there is less.
  ///   - body: Appends to the span as many bytes as it has. If it throws, what it wrote before counts.
  ///
  /// - Returns: What the closure returned.
  /// - Throws: What the closure throws.
  @inlinable
  public mutating func append<Result: ~Copyable, Failure: Error>(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { if failure != nil { buffer.removeAll() } }
    return try buffer.append(addingCapacity: capacity, body)
  }
}
