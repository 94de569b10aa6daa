public import Amy

/// Reads frames, payloads that have their length before them, from a stream that does not block.
///
/// ```swift
/// var frames = FrameReader(limit: 1 << 20, budget: 1 << 16)
/// var output = FrameWriter(limit: 1 << 21, highWaterMark: 1 << 16)
/// // ... the stream is readable or writable:
/// try output.flush(to: registration.source)
/// var isOver = false
/// if !output.isCongested { isOver = try frames.read(from: registration.source).isAtEnd }
/// while !output.isCongested, (try? frames.next()) == true {
///   try frames.withBytes { payload in try output.enqueue(payload) }
///   if output.isCongested { try output.flush(to: registration.source) }
/// }
/// if !output.isCongested { try output.flush(to: registration.source) }
/// isOver = isOver || frames.failure != nil
/// if isOver, output.pendingCount == 0 { return close() }
/// let isWriting = isOver || output.isCongested
/// try registration.arm(for: isWriting ? .writable : output.interest.union(.readable))
/// ```
///
/// One call for each event reads as much as there is, within a budget, so that one fast peer does not keep the others waiting.
/// Then take the frames, as from a `FrameDecoder`, which it has inside. Empty frames are legal.
///
/// ## However the input is cut
///
/// This loop gives the same answers however the bytes are cut into pieces. Keep three things when you change it:
///
/// - **Answer what was right before a fault.** ``next()`` throws at a fault, after all frames before it. Do not let the error
///   leave the loop before these are answered and flushed. The same holds where ``read(from:)`` throws: what came before is
///   there.
/// - **Frames left in the reader make no event.** Stop taking frames while the writer is congested, and go on as soon as a
///   flush ends that: the peer may have sent all it has, and wait.
/// - **The end may be read while the writer is congested.** Close when all frames are taken and nothing is pending, not before.
///
/// To close a socket with unread input resets the connection, and may cut off the answers. After a fault, call
/// `shutdown(.writing)` and read on, within bounds, until the peer ends.
///
/// ## Limits
///
/// Both are named when it is made. A length over the limit is an error as soon as it has come, and no memory is taken for what
/// a length announces. It holds no more bytes than limit and budget together, and a prefix: whoever does not take the frames is
/// not read for. Memory is at most twice that.
///
/// Move-only, and not to be used from two threads at once.
public struct FrameReader: ~Copyable, Sendable {
  @usableFromInline
  var intake: Intake
  @usableFromInline
  var decoder: FrameDecoder

  /// A reader for a stream that begins.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - format: How lengths are written.
  ///   - limit: How many bytes a payload may have, the prefix not counted; below 0 counts as 0.
  ///   - budget: How many bytes one ``read(from:)`` takes; below 1 counts as 1.
  public init(format: FrameFormat = FrameFormat(), limit: Int, budget: Int) {
    decoder = FrameDecoder(format: format, limit: limit)
    // The longest prefix is a varint of ten bytes.
    intake = Intake(limit: limit, budget: budget, overhead: 10)
  }
}

extension FrameReader {
  /// Reads until there is nothing more for now, the end, or the budget is used up.
  ///
  /// Take the frames then, until ``next()`` returns false. What was handed out before is gone.
  ///
  /// A system call for each 16 KiB that come, and one more to learn that there are no more. Allocates where the memory has to
  /// grow. An interrupted call is made again. After the end, and after ``next()`` has thrown, no system call is made.
  ///
  /// - Returns: How many bytes were taken, and how the stream stands.
  /// - Throws: What the stream throws, as `connectionReset`; what was read until then is there, and ``next()`` hands it out.
  @inlinable
  public mutating func read<Source: ByteSource & ~Copyable>(
    from source: borrowing Source
  ) throws(PollerError) -> ReadProgress {
    try intake.read(from: source, into: &decoder)
  }

  /// Goes to the next frame, and returns whether there is a whole one.
  ///
  /// O(1). Throws `FrameError`, and the same again from then on: close the connection. At the end of the stream a part of a
  /// frame that is left is `FrameError.endedInsideFrame(received:)`, after all whole frames were handed out.
  @inlinable
  public mutating func next() throws(FrameError) -> Bool {
    intake.isEnded ? try decoder.finish() : try decoder.next()
  }
}

extension FrameReader {
  /// Lends the payload that the last call that returned true went to.
  ///
  /// Copies nothing. It is empty after a call that returned false, and after a read.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try decoder.withBytes(body)
  }

  /// A copy of the payload, to keep.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] { decoder.copy() }

  /// How lengths are written.
  public var format: FrameFormat { decoder.format }

  /// How many bytes a payload may have.
  public var limit: Int { decoder.limit }

  /// How many bytes one ``read(from:)`` takes.
  public var budget: Int { intake.budget }

  /// What was wrong, or nil: a reader that has failed stays failed.
  public var failure: FrameError? { decoder.failure }

  /// How many bytes have come and were not handed out.
  public var pendingCount: Int { decoder.pendingCount }

  /// How many bytes of memory it holds.
  public var capacity: Int { decoder.capacity }
}
