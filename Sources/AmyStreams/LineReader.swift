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
/// That is all where nothing is answered. With a writer, use the loop of ``FrameReader``, so that it never matters how the
/// bytes are cut into pieces, and ``nextOrRest()`` if a last line without its end is one. Lines that are left make no event,
/// the end may be read while the writer is congested, and what was right before a fault is to be answered.
///
/// One call for each event reads as much as there is, within a budget, so that one fast peer does not keep the others waiting.
/// Then take the lines, as from a `LineDecoder`, which it has inside: counted bytes between lines are served, too.
///
/// ## Limits
///
/// Both are named when it is made. It holds no more bytes than limit and budget together, and the delimiter: whoever does not
/// take the lines is not read for. Memory is at most twice that.
///
/// Move-only, and not to be used from two threads at once.
public struct LineReader: ~Copyable, Sendable {
  @usableFromInline
  var intake: Intake
  @usableFromInline
  var decoder: LineDecoder

  /// A reader for a stream that begins.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - delimiter: What ends a line.
  ///   - limit: How many bytes a line may have, its delimiter not counted; below 0 counts as 0.
  ///   - budget: How many bytes one ``read(from:)`` takes; below 1 counts as 1.
  public init(delimiter: LineDelimiter = .newline, limit: Int, budget: Int) {
    decoder = LineDecoder(delimiter: delimiter, limit: limit)
    intake = Intake(limit: limit, budget: budget, overhead: delimiter.longestCount)
  }
}

extension LineReader {
  /// Reads until there is nothing more for now, the end, or the budget is used up.
  ///
  /// Take the lines then, until ``next()`` returns false. What was handed out before is gone.
  ///
  /// A system call for each 16 KiB that come, and one more to learn that there are no more. Allocates where the memory has to
  /// grow. An interrupted call is made again. After the end, and after ``next()`` has thrown, no system call is made.
  ///
  /// - Returns: How many bytes were taken, and how the stream stands. ``ReadProgress/State/closedInside`` looks at what has
  ///   come as at lines, not as at counted bytes.
  /// - Throws: What the stream throws, as `connectionReset`; what was read until then is there, and ``next()`` hands it out,
  ///   ``nextOrRest()`` also a last line that is not whole.
  @inlinable
  public mutating func read<Source: ByteSource & ~Copyable>(
    from source: borrowing Source
  ) throws(PollerError) -> ReadProgress {
    try intake.read(from: source, into: &decoder)
  }

  /// Goes to the next line, and returns whether there is a whole one.
  ///
  /// O(bytes looked at). Throws `LineError.tooLong(limit:)`, and the same again from then on: close the connection.
  @inlinable
  public mutating func next() throws(LineError) -> Bool {
    try decoder.next()
  }

  /// As ``next()``, but at the end of the stream what is left without a delimiter is a line, too.
  ///
  /// So it is after ``read(from:)`` has thrown, for those who will not read on. Else it is `next()`.
  public mutating func nextOrRest() throws(LineError) -> Bool {
    intake.isEnded || intake.isBroken ? try decoder.finish() : try decoder.next()
  }

  /// Goes to the next so many bytes, whatever they are, and returns whether all of them have come.
  ///
  /// See `LineDecoder.next(count:)`. At most the limit.
  public mutating func next(count: Int) throws(LineError) -> Bool {
    try decoder.next(count: count)
  }

  /// Goes to the next bytes, as many as have come, up to so many, and returns whether there are any.
  ///
  /// See `LineDecoder.nextPiece(atMost:)`.
  public mutating func nextPiece(atMost count: Int) throws(LineError) -> Bool {
    try decoder.nextPiece(atMost: count)
  }
}

extension LineReader {
  /// Lends what the last call that returned true went to: a line without its delimiter, or counted bytes.
  ///
  /// Copies nothing. It is empty after a call that returned false, and after a read.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try decoder.withBytes(body)
  }

  /// A copy of the line, to keep.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] { decoder.copy() }

  /// The line as text, if it is UTF-8.
  ///
  /// Copies. Throws `LineError.invalidUTF8`; the line is still there, and the reader has not failed.
  public func string() throws(LineError) -> String { try decoder.string() }

  /// The line as text, with U+FFFD in the place of what is not UTF-8.
  ///
  /// Copies.
  public func repairedString() -> String { decoder.repairedString() }

  /// What ends a line.
  public var delimiter: LineDelimiter { decoder.delimiter }

  /// How many bytes a line may have.
  public var limit: Int { decoder.limit }

  /// How many bytes one ``read(from:)`` takes.
  public var budget: Int { intake.budget }

  /// What was wrong, or nil: a reader that has failed stays failed.
  public var failure: LineError? { decoder.failure }

  /// How many bytes have come and were not handed out.
  public var pendingCount: Int { decoder.pendingCount }

  /// How many bytes of memory it holds.
  public var capacity: Int { decoder.capacity }
}
