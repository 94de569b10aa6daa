/// Takes bytes in as they come, and gives lines out.
///
/// ```swift
/// var lines = LineDecoder(limit: 8192)
/// // ... the socket is readable:
/// let result = try lines.append(addingCapacity: 16384) { room throws(PollerError) in try stream.read(into: &room) }
/// while try lines.next() {
///   lines.withBytes { line in answer(line) }
/// }
/// ```
///
/// It knows nothing of sockets. However the input is cut into pieces, the lines are the same. A line is lent without being
/// copied (``withBytes(_:)``); a copy is made on request (``copy()``, ``string()``, ``repairedString()``).
///
/// Protocols that mix lines and counted bytes ask for either, one after the other: see ``next(count:)`` and
/// ``nextPiece(atMost:)``.
///
/// ## Cost
///
/// Linear in the bytes: no byte is searched twice. Memory is taken for what has come and was not handed out, twice that at most
/// and the room of one append; what a long line took is given back when ``next()`` finds no more lines. When each append is
/// followed by `next()` until it returns false, no more is held than a line at the limit and what was appended last.
///
/// Move-only, and not to be used from two threads at once.
public struct LineDecoder: ~Copyable, Sendable {
  /// What ends a line.
  public let delimiter: LineDelimiter
  /// How many bytes a line may have, its delimiter not counted.
  public let limit: Int
  /// What was wrong, or nil: a decoder that has failed stays failed.
  public private(set) var failure: LineError?

  @usableFromInline
  var buffer = InputBuffer()
  /// How many of the bytes that were not handed out were searched already.
  @usableFromInline
  var searchedCount = 0
  /// The last byte of the delimiter, eight times.
  @usableFromInline
  let pattern: UInt64
  /// How many counted bytes were asked for last and had not come yet.
  @usableFromInline
  var awaitedCount = 0

  /// A decoder for a stream that begins.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - delimiter: What ends a line.
  ///   - limit: How many bytes a line may have, its delimiter not counted; below 0 counts as 0.
  public init(delimiter: LineDelimiter = .newline, limit: Int) {
    self.delimiter = delimiter
    self.limit = max(0, limit)
    pattern = UInt64(delimiter.last) &* 0x0101_0101_0101_0101
  }

  /// How many bytes have come and were not handed out.
  public var pendingCount: Int { buffer.count }

  /// How many bytes of memory it holds.
  public var capacity: Int { buffer.storage.capacity }
}

extension LineDecoder {
  /// Goes to the next line, and returns whether there is a whole one.
  ///
  /// After true it is lent by ``withBytes(_:)``. After false, append more, or ``finish()``.
  ///
  /// O(bytes looked at); allocates nothing but where it gives memory back. Throws ``LineError/tooLong(limit:)``.
  @inlinable
  public mutating func next() throws(LineError) -> Bool {
    let start = buffer.start
    let count = buffer.storage.count
    let found = buffer.storage.span.firstIndex(ofByteIn: pattern, from: start &+ searchedCount)
    if found < count, delimiter.front != .longer {
      var end = found
      var isWhole = delimiter.front != .oneByte
      if delimiter.front != .nothing, end > start, buffer.storage[end &- 1] == delimiter.byteBefore {
        end &-= 1
        isWhole = true
      }
      if isWhole, end &- start <= limit {
        searchedCount = 0
        awaitedCount = 0
        buffer.handOut(start, end, thenFrom: found &+ 1)
        return true
      }
    }
    return try next(searchedUpTo: found)
  }

  /// As ``next()``, but the stream has ended: what is left without a delimiter is a line, too.
  ///
  /// ```swift
  /// while try lines.finish() { lines.withBytes { line in answer(line) } }
  /// ```
  ///
  /// Returns false when nothing is left. A delimiter of which only a part came is part of the line. Throws
  /// ``LineError/tooLong(limit:)``, and ``LineError/endedInsideBytes(missing:)`` when the last thing that was asked for, and
  /// has not come, were counted bytes.
  public mutating func finish() throws(LineError) -> Bool {
    if let failure { throw failure }
    if awaitedCount > buffer.count { throw fail(.endedInsideBytes(missing: awaitedCount - buffer.count)) }
    if try next() { return true }
    guard buffer.count > 0 else { return false }
    guard buffer.count <= limit else { throw fail(.tooLong(limit: limit)) }
    handOut(buffer.count, dropping: 0)
    return true
  }

  /// The rest of ``next()``: longer delimiters, lines that are not whole, and errors.
  @usableFromInline
  mutating func next(searchedUpTo found: Int) throws(LineError) -> Bool {
    if let failure { throw failure }
    awaitedCount = 0
    var index = found
    while index < buffer.storage.count {
      if let begin = delimiterBegin(endingAt: index) {
        let length = begin - buffer.start
        guard length <= limit else { throw fail(.tooLong(limit: limit)) }
        handOut(length, dropping: index + 1 - begin)
        return true
      }
      index = buffer.storage.span.firstIndex(ofByteIn: pattern, from: index + 1)
    }
    guard buffer.count - delimiter.longestCount < limit else { throw fail(.tooLong(limit: limit)) }
    searchedCount = buffer.count
    buffer.handOutNothing()
    buffer.trim()
    return false
  }

  /// Where the delimiter begins whose last byte is here, or nil when the bytes before it are others, or of the line before.
  private func delimiterBegin(endingAt index: Int) -> Int? {
    if delimiter.front == .maybe {
      return index > buffer.start && buffer.storage[index - 1] == delimiter.byteBefore ? index - 1 : index
    }
    let begin = index - delimiter.frontBytes.count
    guard begin >= buffer.start, buffer.storage[begin..<index].elementsEqual(delimiter.frontBytes) else { return nil }
    return begin
  }

  /// Hands out so many bytes, and drops so many behind them.
  mutating func handOut(_ count: Int, dropping dropped: Int) {
    searchedCount = max(0, searchedCount - count - dropped)
    awaitedCount = 0
    buffer.handOut(buffer.start, buffer.start + count, thenFrom: buffer.start + count + dropped)
  }

  /// Fails for good, and gives the memory back.
  mutating func fail(_ error: LineError) -> LineError {
    failure = error
    searchedCount = 0
    buffer.removeAll()
    return error
  }
}
