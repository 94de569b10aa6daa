public import Amy

/// Reads lines from a stream that does not block.
///
/// ```swift
/// var lines = LineReader(limit: 8192, budget: 1 << 16)
/// // ... the stream is readable:
/// let progress = try lines.read(from: registration.source)
/// while try lines.next() {
///   lines.withBytes { line in note(line) }
/// }
/// if progress.isAtEnd { return close() }
/// try registration.arm(for: .readable)
/// ```
///
/// That is sufficient if you answer nothing. With a writer, use the loop of ``FrameReader``, whose rules hold for lines, too;
/// and ``nextOrRest()`` if a last line without its delimiter counts.
///
/// One call for each event reads the available bytes, within a budget that keeps one fast peer from delaying the others. Then
/// take the lines, and counted bytes between them, as from a `LineDecoder`.
///
/// ## Limits
///
/// The reader holds at most limit, budget and the delimiter together: it does not read on if you do not take the lines. Memory
/// is at most twice that.
///
/// Move-only. Do not use it from two threads at once.
public struct LineReader: ~Copyable, Sendable {
  @usableFromInline
  var intake: Intake
  @usableFromInline
  var decoder: LineDecoder

  /// Creates a reader for the start of a stream.
  ///
  /// Allocates nothing. `limit` is the maximum line length in bytes, without the delimiter, and `budget` the most bytes that
  /// one ``read(from:)`` takes; below 0 and 1 they count as 0 and 1.
  public init(delimiter: LineDelimiter = .newline, limit: Int, budget: Int) {
    decoder = LineDecoder(delimiter: delimiter, limit: limit)
    intake = Intake(limit: limit, budget: budget, overhead: delimiter.longestCount)
  }
}

extension LineReader {
  /// Reads until no more bytes are available, the stream ends, or the budget is used up.
  ///
  /// Then take lines until ``next()`` returns false. A read invalidates the last line.
  ///
  /// Makes a system call for each 16 KiB that arrive, and one more to learn that there are no more; none after the end, or
  /// after ``next()`` has thrown. Repeats an interrupted call. Allocates when the memory has to grow.
  ///
  /// - Returns: The number of bytes taken, and the state of the stream: ``ReadProgress/State/closedInside`` if bytes without a
  ///   delimiter are left, or fewer bytes than the last request counted have arrived.
  /// - Throws: The stream's error, such as `connectionReset`; ``next()`` hands out the bytes read until then, and
  ///   ``nextOrRest()`` also an incomplete last line.
  @inlinable
  public mutating func read<Source: ByteSource & ~Copyable>(
    from source: borrowing Source
  ) throws(PollerError) -> ReadProgress {
    try intake.read(from: source, into: &decoder)
  }

  /// Advances to the next line, and returns whether a whole line is available.
  ///
  /// O(bytes looked at). Throws `LineError.tooLong(limit:)`, and the same one from then on: close the connection.
  @inlinable
  public mutating func next() throws(LineError) -> Bool {
    try decoder.next()
  }

  /// Advances like ``next()``, but at the end of the stream the remaining bytes without a delimiter are a line, too.
  ///
  /// The same holds after ``read(from:)`` has thrown, for callers that do not read on.
  public mutating func nextOrRest() throws(LineError) -> Bool {
    intake.isEnded || intake.isBroken ? try decoder.finish() : try decoder.next()
  }

  /// Advances to the next `count` bytes, at most the limit, and returns whether all have arrived: see
  /// `LineDecoder.next(count:)`.
  public mutating func next(count: Int) throws(LineError) -> Bool {
    try decoder.next(count: count)
  }

  /// Advances to at most `count` bytes that have arrived, and returns whether there are any: see
  /// `LineDecoder.nextPiece(atMost:)`.
  public mutating func nextPiece(atMost count: Int) throws(LineError) -> Bool {
    try decoder.nextPiece(atMost: count)
  }
}

extension LineReader {
  /// Lends a closure what the last call advanced to: a line without its delimiter, or counted bytes.
  ///
  /// Copies nothing. The span is empty after false, and after a read that took bytes.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try decoder.withBytes(body)
  }

  /// Returns a copy of the line.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] { decoder.copy() }

  /// Returns the line as text, if it is UTF-8.
  ///
  /// Copies. Throws `LineError.invalidUTF8`; the line is still available, and the reader has not failed.
  public func string() throws(LineError) -> String { try decoder.string() }

  /// Returns the line as text, with U+FFFD for bytes that are not UTF-8.
  ///
  /// Copies.
  public func repairedString() -> String { decoder.repairedString() }

  /// The bytes that end a line.
  public var delimiter: LineDelimiter { decoder.delimiter }

  /// The maximum line length in bytes.
  public var limit: Int { decoder.limit }

  /// The most bytes that one ``read(from:)`` takes.
  public var budget: Int { intake.budget }

  /// The error in the input, or nil; a failed reader stays failed.
  public var failure: LineError? { decoder.failure }

  /// The number of bytes received but not handed out.
  public var pendingCount: Int { decoder.pendingCount }

  /// The memory held, in bytes.
  public var capacity: Int { decoder.capacity }
}
