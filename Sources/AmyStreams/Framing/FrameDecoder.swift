/// A decoder that takes in bytes as they arrive, and hands out frames: payloads preceded by their length.
///
/// ```swift
/// var frames = FrameDecoder(limit: 1 << 20)
/// // ... the socket is readable:
/// let result = try frames.append(addingCapacity: 16384) { room throws(PollerError) in try stream.read(into: &room) }
/// while try frames.next() {
///   frames.withBytes { payload in answer(payload) }
/// }
/// ```
///
/// It does not depend on sockets, nor on how the input is cut into pieces. ``withBytes(_:)`` lends a payload; ``copy()`` copies
/// it. Empty frames are legal.
///
/// ## Cost
///
/// Linear in the bytes. Memory is taken for bytes that have arrived, never for the length that a prefix announces: four bytes
/// from a peer cost four bytes. The decoder holds at most twice the bytes not handed out, plus the room of one append;
/// ``next()`` gives back a long frame's memory when it finds no more frames. If you call `next()` until it returns false after
/// each append, the decoder holds no more than a frame at the limit and the bytes appended last.
///
/// Move-only. Do not use it from two threads at once.
public struct FrameDecoder: ~Copyable, Sendable {
  /// The encoding of lengths.
  public let format: FrameFormat
  /// The maximum payload size in bytes.
  public let limit: Int
  /// The error in the input, or nil; a failed decoder stays failed.
  public private(set) var failure: FrameError?

  @usableFromInline
  var buffer = InputBuffer()
  /// The size of each prefix in bytes; for a varint a number that is never reached.
  @usableFromInline
  let prefixCount: Int
  /// The shift that leaves, of eight bytes, those of the prefix.
  @usableFromInline
  let shift: UInt64
  @usableFromInline
  let isBigEndian: Bool
  /// What the length counts in addition to the payload, in bytes.
  @usableFromInline
  let overhead: UInt64

  /// Creates a decoder for the start of a stream.
  ///
  /// Allocates nothing. `limit` is the maximum payload size in bytes, without the prefix; below 0 counts as 0.
  public init(format: FrameFormat = FrameFormat(), limit: Int) {
    self.format = format
    self.limit = max(0, limit)
    prefixCount = format.fixedCount ?? Int.max
    shift = UInt64(64 - 8 * (format.fixedCount ?? 8))
    isBigEndian = format.byteOrder == .bigEndian
    overhead = format.counted == .frame ? UInt64(format.fixedCount ?? 0) : 0
  }

  /// The number of bytes received but not handed out.
  public var pendingCount: Int { buffer.count }

  /// The memory held, in bytes.
  public var capacity: Int { buffer.storage.capacity }
}

extension FrameDecoder {
  /// Advances to the next frame, and returns whether a whole frame is available.
  ///
  /// After true, ``withBytes(_:)`` lends its payload. After false, append more, or call ``finish()``.
  ///
  /// O(1); allocates only to give memory back. Throws ``FrameError`` as soon as the prefix has arrived.
  @inlinable
  public mutating func next() throws(FrameError) -> Bool {
    let start = buffer.start
    let available = buffer.storage.count &- start
    if available >= 8, available >= prefixCount {
      let word = buffer.storage.span.word(at: start)
      // A length below the overhead wraps around, and becomes more than any limit.
      let length = (isBigEndian ? word.byteSwapped &>> shift : (word &<< shift) &>> shift) &- overhead
      if length <= UInt64(truncatingIfNeeded: limit), Int(truncatingIfNeeded: length) <= available &- prefixCount {
        let begin = start &+ prefixCount
        let end = begin &+ Int(truncatingIfNeeded: length)
        buffer.handOut(begin, end, thenFrom: end)
        return true
      }
    }
    return try nextByteByByte()
  }

  /// Advances like ``next()`` when the stream has ended: an incomplete frame is an error.
  ///
  /// ```swift
  /// while try frames.finish() { frames.withBytes { payload in answer(payload) } }
  /// ```
  ///
  /// Returns false when nothing is left. Throws ``FrameError/endedInsideFrame(received:)``.
  public mutating func finish() throws(FrameError) -> Bool {
    if try next() { return true }
    if buffer.count > 0 { throw fail(.endedInsideFrame(received: buffer.count)) }
    return false
  }

  /// The slow path of ``next()``: varints, the last bytes, incomplete frames, and errors.
  @usableFromInline
  mutating func nextByteByByte() throws(FrameError) -> Bool {
    if let failure { throw failure }
    let frame: (prefix: Int, payload: Int)?
    do throws(FrameError) {
      frame = try header()
    } catch {
      throw fail(error)
    }
    if let frame, frame.payload <= buffer.count - frame.prefix {
      let begin = buffer.start + frame.prefix
      buffer.handOut(begin, begin + frame.payload, thenFrom: begin + frame.payload)
      return true
    }
    buffer.handOutNothing()
    buffer.trim()
    return false
  }

  /// The sizes of the next frame's prefix and payload, or nil if the prefix is incomplete.
  private func header() throws(FrameError) -> (prefix: Int, payload: Int)? {
    let unread = buffer.storage.span.extracting(buffer.start...)
    guard let header = try FrameHeader(reading: unread, format: format) else { return nil }
    return (header.count, try header.payloadCount(format: format, limit: limit))
  }

  /// Fails permanently, and gives the memory back.
  private mutating func fail(_ error: FrameError) -> FrameError {
    failure = error
    buffer.removeAll()
    return error
  }
}
