/// A decoder that takes in bytes as they arrive, and hands out lines.
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
/// It does not depend on sockets, nor on how the input is cut into pieces. ``withBytes(_:)`` lends a line; ``copy()``,
/// ``string()`` and ``repairedString()`` copy it.
///
/// For protocols that mix lines and counted bytes, see ``next(count:)`` and ``nextPiece(atMost:)``.
///
/// ## Cost
///
/// Linear in the bytes: no byte is searched twice. Memory is at most twice the bytes that arrived and were not handed out, plus
/// the room of one append; ``next()`` gives back a long line's memory when it finds no more lines. If you call `next()` until
/// it returns false after each append, the decoder holds no more than a line at the limit and the bytes appended last.
///
/// Move-only. Do not use it from two threads at once.
public struct LineDecoder: ~Copyable, Sendable {
  /// The bytes that end a line.
  public let delimiter: LineDelimiter
  /// The maximum line length in bytes, without the delimiter.
  public let limit: Int
  /// The error in the input, or nil; a failed decoder stays failed.
  public private(set) var failure: LineError?

  @usableFromInline
  var buffer = InputBuffer()
  /// How many of the bytes not handed out were searched.
  @usableFromInline
  var searchedCount = 0
  /// The last byte of the delimiter, eight times.
  @usableFromInline
  let pattern: UInt64
  /// The number of counted bytes requested last, if fewer had arrived, or 0.
  @usableFromInline
  var awaitedCount = 0

  /// Creates a decoder for the start of a stream.
  ///
  /// Allocates nothing. `limit` is the maximum line length in bytes, without the delimiter; below 0 counts as 0.
  public init(delimiter: LineDelimiter = .newline, limit: Int) {
    self.delimiter = delimiter
    self.limit = max(0, limit)
    pattern = UInt64(delimiter.last) &* 0x0101_0101_0101_0101
  }

  /// The number of bytes received but not handed out.
  public var pendingCount: Int { buffer.count }

  /// The memory held, in bytes.
  public var capacity: Int { buffer.storage.capacity }
}

extension LineDecoder {
  /// Advances to the next line, and returns whether a whole line is available.
  ///
  /// After true, ``withBytes(_:)`` lends it. After false, append more, or call ``finish()``.
  ///
  /// O(bytes looked at); allocates only to give memory back. Throws ``LineError/tooLong(limit:)``.
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

  /// Advances like ``next()`` when the stream has ended: the remaining bytes without a delimiter are a line, too.
  ///
  /// ```swift
  /// while try lines.finish() { lines.withBytes { line in answer(line) } }
  /// ```
  ///
  /// Returns false when nothing is left. An incomplete delimiter is part of the line. Throws ``LineError/tooLong(limit:)``, and
  /// ``LineError/endedInsideBytes(missing:)`` if the last request was for counted bytes that have not arrived.
  public mutating func finish() throws(LineError) -> Bool {
    if let failure { throw failure }
    if awaitedCount > buffer.count { throw fail(.endedInsideBytes(missing: awaitedCount - buffer.count)) }
    if try next() { return true }
    guard buffer.count > 0 else { return false }
    guard buffer.count <= limit else { throw fail(.tooLong(limit: limit)) }
    handOut(buffer.count, dropping: 0)
    return true
  }

  /// The slow path of ``next()``: longer delimiters, incomplete lines, and errors.
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

  /// Where the delimiter whose last byte is at `index` begins, or nil if the bytes before do not match, or belong to the line
  /// before.
  private func delimiterBegin(endingAt index: Int) -> Int? {
    if delimiter.front == .maybe {
      return index > buffer.start && buffer.storage[index - 1] == delimiter.byteBefore ? index - 1 : index
    }
    let begin = index - delimiter.frontBytes.count
    guard begin >= buffer.start, buffer.storage[begin..<index].elementsEqual(delimiter.frontBytes) else { return nil }
    return begin
  }

  /// Hands out `count` bytes, and drops the next `dropped`.
  mutating func handOut(_ count: Int, dropping dropped: Int) {
    searchedCount = max(0, searchedCount - count - dropped)
    awaitedCount = 0
    buffer.handOut(buffer.start, buffer.start + count, thenFrom: buffer.start + count + dropped)
  }

  /// Fails permanently, and gives the memory back.
  mutating func fail(_ error: LineError) -> LineError {
    failure = error
    searchedCount = 0
    buffer.removeAll()
    return error
  }
}
