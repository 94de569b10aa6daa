/// Takes bytes in as they come, and gives frames out: payloads that have their length before them.
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
/// It knows nothing of sockets. However the input is cut into pieces, the frames are the same. A payload is lent without being
/// copied (``withBytes(_:)``); a copy is made on request (``copy()``). Empty frames are legal.
///
/// ## Cost
///
/// Linear in the bytes. Memory is taken for what has come, and never for what a length announces: four bytes of a peer cost
/// four bytes. It holds twice what has come and was not handed out at most, and the room of one append; what a long frame took
/// is given back when ``next()`` finds no more frames. When each append is followed by `next()` until it returns false, no
/// more is held than a frame at the limit and what was appended last.
///
/// Move-only, and not to be used from two threads at once.
public struct FrameDecoder: ~Copyable, Sendable {
  /// How lengths are written.
  public let format: FrameFormat
  /// How many bytes a payload may have.
  public let limit: Int
  /// What was wrong, or nil: a decoder that has failed stays failed.
  public private(set) var failure: FrameError?

  @usableFromInline
  var buffer = InputBuffer()
  /// The bytes of each prefix, or so many that there never are as many, for a varint.
  @usableFromInline
  let prefixCount: Int
  /// By how much eight bytes are shifted to leave those of the prefix.
  @usableFromInline
  let shift: UInt64
  /// Whether the first byte is the highest.
  @usableFromInline
  let isBigEndian: Bool
  /// What the length counts besides the payload.
  @usableFromInline
  let overhead: UInt64

  /// A decoder for a stream that begins.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - format: How lengths are written.
  ///   - limit: How many bytes a payload may have, the prefix not counted; below 0 counts as 0.
  public init(format: FrameFormat = FrameFormat(), limit: Int) {
    self.format = format
    self.limit = max(0, limit)
    prefixCount = format.fixedCount ?? Int.max
    shift = UInt64(64 - 8 * (format.fixedCount ?? 8))
    isBigEndian = format.byteOrder == .bigEndian
    overhead = format.counted == .frame ? UInt64(format.fixedCount ?? 0) : 0
  }

  /// How many bytes have come and were not handed out.
  public var pendingCount: Int { buffer.count }

  /// How many bytes of memory it holds.
  public var capacity: Int { buffer.storage.capacity }
}

extension FrameDecoder {
  /// Goes to the next frame, and returns whether there is a whole one.
  ///
  /// After true its payload is lent by ``withBytes(_:)``. After false, append more, or ``finish()``.
  ///
  /// O(1); allocates nothing but where it gives memory back. Throws ``FrameError`` as soon as the prefix has come: whether or
  /// not a payload follows.
  @inlinable
  public mutating func next() throws(FrameError) -> Bool {
    let start = buffer.start
    let available = buffer.storage.count &- start
    if available >= 8, available >= prefixCount {
      let word = buffer.storage.span.word(at: start)
      // What is less than it counts besides becomes more than any limit.
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

  /// As ``next()``, but the stream has ended: a part of a frame that is left is an error.
  ///
  /// ```swift
  /// while try frames.finish() { frames.withBytes { payload in answer(payload) } }
  /// ```
  ///
  /// Returns false when nothing is left: the stream ended between two frames. Throws
  /// ``FrameError/endedInsideFrame(received:)``.
  public mutating func finish() throws(FrameError) -> Bool {
    if try next() { return true }
    if buffer.count > 0 { throw fail(.endedInsideFrame(received: buffer.count)) }
    return false
  }

  /// The rest of ``next()``: varints, the last bytes, frames that are not whole, and errors.
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

  /// How long the prefix and the payload of the next frame are, or nil when its prefix is not whole.
  private func header() throws(FrameError) -> (prefix: Int, payload: Int)? {
    let unread = buffer.storage.span.extracting(buffer.start...)
    guard let header = try FrameHeader(reading: unread, format: format) else { return nil }
    return (header.count, try header.payloadCount(format: format, limit: limit))
  }

  /// Fails for good, and gives the memory back.
  private mutating func fail(_ error: FrameError) -> FrameError {
    failure = error
    buffer.removeAll()
    return error
  }
}
