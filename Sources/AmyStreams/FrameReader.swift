public import Amy

/// Reads frames, which are payloads preceded by their length, from a stream that does not block.
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
/// One call for each event reads the available bytes, within a budget that keeps one fast peer from delaying the others. Then
/// take the frames, as from a `FrameDecoder`. Empty frames are legal.
///
/// ## However the input is cut
///
/// This loop gives the same answers however the bytes are cut. Keep three rules when you change it:
///
/// - **Answer the frames before a fault.** ``next()`` throws at a fault, after all frames before it: answer and flush these
///   before the error leaves the loop. So, too, when ``read(from:)`` throws: the reader has kept the bytes before.
/// - **Frames left in the reader cause no event.** Stop taking frames while the writer is congested, and continue as soon as a
///   flush ends the congestion: the peer may have sent everything, and wait.
/// - **The end may be read while the writer is congested.** Close only when all frames are taken and nothing is pending.
///
/// Closing a socket with unread input resets the connection, and may cut off the answers. After a fault, call
/// `shutdown(.writing)` and read on, within bounds, until the peer ends.
///
/// ## Limits
///
/// A length over the limit is an error as soon as it has arrived; an announced length takes no memory. The reader holds at most
/// limit, budget and a prefix together: it does not read on if you do not take the frames. Memory is at most twice that.
///
/// Move-only. Do not use it from two threads at once.
public struct FrameReader: ~Copyable, Sendable {
  @usableFromInline
  var intake: Intake
  @usableFromInline
  var decoder: FrameDecoder

  /// Creates a reader for the start of a stream.
  ///
  /// Allocates nothing. `limit` is the maximum payload size in bytes, without the prefix, and `budget` the most bytes that one
  /// ``read(from:)`` takes; below 0 and 1 they count as 0 and 1.
  public init(format: FrameFormat = FrameFormat(), limit: Int, budget: Int) {
    decoder = FrameDecoder(format: format, limit: limit)
    // The longest varint.
    intake = Intake(limit: limit, budget: budget, overhead: 10)
  }
}

extension FrameReader {
  /// Reads until no more bytes are available, the stream ends, or the budget is used up.
  ///
  /// Then take frames until ``next()`` returns false. A read invalidates the last payload.
  ///
  /// Makes a system call for each 16 KiB that arrive, and one more to learn that there are no more; none after the end, or
  /// after ``next()`` has thrown. Repeats an interrupted call. Allocates when the memory has to grow.
  ///
  /// - Returns: The number of bytes taken, and the state of the stream.
  /// - Throws: The stream's error, such as `connectionReset`; ``next()`` hands out the bytes read until then.
  @inlinable
  public mutating func read<Source: ByteSource & ~Copyable>(
    from source: borrowing Source
  ) throws(PollerError) -> ReadProgress {
    try intake.read(from: source, into: &decoder)
  }

  /// Advances to the next frame, and returns whether a whole frame is available.
  ///
  /// O(1). Throws `FrameError`, and the same one from then on: close the connection. At the end of the stream, an incomplete
  /// frame is `FrameError.endedInsideFrame(received:)`, after all whole frames.
  @inlinable
  public mutating func next() throws(FrameError) -> Bool {
    intake.isEnded ? try decoder.finish() : try decoder.next()
  }
}

extension FrameReader {
  /// Lends a closure the payload that ``next()`` advanced to.
  ///
  /// Copies nothing. The span is empty after false, and after a read.
  @inlinable
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try decoder.withBytes(body)
  }

  /// Returns a copy of the payload.
  ///
  /// Allocates one array.
  public func copy() -> [UInt8] { decoder.copy() }

  /// The encoding of lengths.
  public var format: FrameFormat { decoder.format }

  /// The maximum payload size in bytes.
  public var limit: Int { decoder.limit }

  /// The most bytes that one ``read(from:)`` takes.
  public var budget: Int { intake.budget }

  /// The error in the input, or nil; a failed reader stays failed.
  public var failure: FrameError? { decoder.failure }

  /// The number of bytes received but not handed out.
  public var pendingCount: Int { decoder.pendingCount }

  /// The memory held, in bytes.
  public var capacity: Int { decoder.capacity }
}
