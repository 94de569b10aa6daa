/// The bytes to write to a stream that has not taken them yet.
///
/// ```swift
/// var output = OutputQueue(limit: 1 << 20)
/// try output.append(greeting)
/// // ... the socket is writable:
/// let result = try output.withSegments { segments, offset throws(PollerError) in
///   try stream.write(segments: segments, skipping: offset)
/// }
/// if case .bytes(let count) = result { output.removeFirst(count) }
/// ```
///
/// Accepted bytes are never lost, and bytes that would exceed the ``limit`` are refused as a whole. Segments hold the bytes:
/// large arrays are kept without a copy, and small appends share a segment, so that one vectored write sends many.
/// ``isCongested`` says when to pause for a slow peer.
///
/// ## Cost
///
/// Appending is O(bytes copied), removing O(segments removed), and lending to a closure O(segments lent), however many are
/// pending; all amortised. A queue that is filled and emptied with small appends allocates once.
///
/// Memory is at most five times the limit plus 64 KiB, whatever is appended and removed; an empty queue keeps at most 64 KiB.
///
/// Move-only. Do not use it from two threads at once.
public struct OutputQueue: ~Copyable, Sendable {
  /// The maximum number of pending bytes.
  public let limit: Int
  /// How many pending bytes begin the congestion.
  public let highWaterMark: Int
  /// How many pending bytes end the congestion.
  public let lowWaterMark: Int
  /// The number of pending bytes.
  public private(set) var count = 0
  /// Whether the producer should pause: from the high-water mark until the low-water mark.
  public private(set) var isCongested = false

  /// The segments at the front, at most as many as one call takes; those before `first` are consumed, and empty.
  ///
  /// The array is lent as it is; the other segments are stored separately, so that a call for a slow reader does not traverse
  /// all.
  @usableFromInline
  private(set) var segments: [[UInt8]] = []
  private var first = 0
  /// The number of bytes removed from the first segment.
  @usableFromInline
  private(set) var offset = 0
  /// The segments after those, from `firstLater` on; empty if there are none.
  private var later: [[UInt8]] = []
  private var firstLater = 0
  /// Whether the last segment is the queue's own, so that it may grow.
  private var isLastOpen = false

  /// The size from which arrays are kept as they are; smaller ones are copied together.
  public static var keptCount: Int { 1024 }
  /// The maximum number of segments lent for one vectored write.
  static var lentSegmentCount: Int { 64 }
  /// The size up to which the queue's own segments grow.
  static var segmentCount: Int { 16 * 1024 }

  /// Creates an empty queue.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - limit: The most pending bytes; below 1 counts as 1.
  ///   - highWaterMark: The pending bytes that begin congestion, clamped to 1 through the limit; nil for half the limit.
  ///   - lowWaterMark: The pending bytes that end it, clamped to 0 through the high-water mark minus 1; nil for half that mark.
  public init(limit: Int, highWaterMark: Int? = nil, lowWaterMark: Int? = nil) {
    self.limit = max(1, limit)
    self.highWaterMark = max(1, min(highWaterMark ?? self.limit / 2, self.limit))
    self.lowWaterMark = max(0, min(lowWaterMark ?? self.highWaterMark / 2, self.highWaterMark - 1))
  }

  /// Whether nothing is pending.
  public var isEmpty: Bool { count == 0 }

  /// The number of bytes that still fit.
  public var freeCapacity: Int { limit - count }

  /// The number of segments that hold the pending bytes.
  public var segmentCount: Int { count == 0 ? 0 : segments.count - first + later.count - firstLater }
}

extension OutputQueue {
  /// Queues a copy of the bytes.
  ///
  /// Throws ``OutputQueueError/full(refused:pending:limit:)`` without accepting anything.
  public mutating func append(_ bytes: Span<UInt8>) throws(OutputQueueError) {
    try append(addingCapacity: bytes.count) { $0.append(copying: bytes) }
  }

  /// Queues an array, without copying one of ``keptCount`` bytes or more.
  ///
  /// An array with room for more than twice its bytes is copied nevertheless, so that its memory is not held. Throws
  /// ``OutputQueueError/full(refused:pending:limit:)`` without accepting anything.
  public mutating func append(_ bytes: [UInt8]) throws(OutputQueueError) {
    guard bytes.count >= Self.keptCount, bytes.capacity <= 2 * bytes.count else { return try append(bytes.span) }
    try checkRoom(for: bytes.count)
    if count == 0 { removeSegments() } else { closeLast() }
    add(bytes)
    isLastOpen = false
    added(bytes.count)
  }

  /// Queues what a closure writes.
  ///
  /// `capacity` is the closure's room, which must be free in the queue, and is at most 256 MiB; for 0 or less it is not called.
  /// Unused room is not held. Throws ``OutputQueueError/full(refused:pending:limit:)``, without calling the closure.
  public mutating func append(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) -> Void
  ) throws(OutputQueueError) {
    // The standard library would write a count of zero into the storage that all empty arrays share.
    if capacity <= 0 { return }
    try checkRoom(for: capacity)
    let room = min(capacity, InputBuffer.mostRoom)
    openSegment(for: room)
    let written = withLast { last in
      let before = last.count
      last.append(addingCapacity: room, initializingWith: body)
      if last.capacity > 2 * Self.segmentCount { last.trim(keeping: 2 * Self.segmentCount) }
      return last.count - before
    }
    added(written)
  }

  func checkRoom(for added: Int) throws(OutputQueueError) {
    guard added <= freeCapacity else { throw .full(refused: added, pending: count, limit: limit) }
  }

  /// Ensures that the last segment is the queue's own and may grow by `added` bytes.
  private mutating func openSegment(for added: Int) {
    var reserved = 0
    if isLastOpen {
      let last = later.isEmpty ? segments[segments.count - 1].count : later[later.count - 1].count
      // A short segment is cheap to move; closing it would spend much memory on few bytes.
      if last + added <= Self.segmentCount || 2 * last < Self.segmentCount { return }
      closeLast()
      // The first segment grows with the appends; after a filled one, the next is likely to be filled, too.
      reserved = max(added, Self.segmentCount)
    }
    var segment: [UInt8] = []
    segment.reserveCapacity(reserved)
    add(segment)
    isLastOpen = true
  }

  /// Closes the last segment for appends: gives back memory that it does not need, or removes it if it is empty.
  private mutating func closeLast() {
    guard isLastOpen else { return }
    let isEmpty = withLast { last in
      last.trim(keeping: last.count + Self.keptCount)
      return last.isEmpty
    }
    guard isEmpty else { return }
    if later.isEmpty { segments.removeLast() } else { later.removeLast() }
    if firstLater == later.count { forgetLater() }
  }

  private mutating func add(_ segment: [UInt8]) {
    if later.isEmpty, segments.count < Self.lentSegmentCount { segments.append(segment) } else { later.append(segment) }
  }

  private mutating func withLast<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
    later.isEmpty ? body(&segments[segments.count - 1]) : body(&later[later.count - 1])
  }

  private mutating func added(_ bytes: Int) {
    count += bytes
    if count >= highWaterMark { isCongested = true }
  }
}

extension OutputQueue {
  /// Removes bytes that the stream has taken from the front.
  ///
  /// A segment's memory is given back with its last byte, and a segment of the queue's own is kept for the next appends.
  /// Removing more than ``count`` is a bug of the caller, and traps.
  public mutating func removeFirst(_ removed: Int) {
    precondition(removed >= 0 && removed <= count, "more bytes were removed from the queue than are pending")
    count -= removed
    offset += removed
    if count <= lowWaterMark { isCongested = false }
    if count == 0 { return keepOpenSegment() }
    while offset >= segments[first].count {
      offset -= segments[first].count
      segments[first] = []
      first += 1
      if first == segments.count { refill() }
    }
    if first > 16, 2 * first >= segments.count { dropUsed() }
  }

  /// Discards all pending bytes, and gives the memory back.
  public mutating func removeAll() {
    segments = []
    removeSegments()
    count = 0
    isLastOpen = false
    isCongested = false
  }

  /// Refills the consumed front from the later segments.
  private mutating func refill() {
    removeUsed()
    while segments.count < Self.lentSegmentCount, firstLater < later.count {
      segments.append(later[firstLater])
      // One owner at a time, so that the last segment can grow in place.
      later[firstLater] = []
      firstLater += 1
    }
    if firstLater == later.count {
      forgetLater()
    } else if 2 * firstLater >= later.count {
      later.removeFirst(firstLater)
      firstLater = 0
    }
  }

  /// Removes all segments when nothing is pending, except an open one for small appends, which it empties.
  private mutating func keepOpenSegment() {
    offset = 0
    guard isLastOpen, withLast({ $0.capacity <= 2 * Self.segmentCount }) else {
      isLastOpen = false
      return removeSegments()
    }
    if segments.count > 1 || !later.isEmpty {
      let last = later.popLast() ?? segments.removeLast()
      removeSegments()
      segments.append(last)
    }
    segments[0].removeAll(keepingCapacity: true)
  }

  private mutating func removeSegments() {
    removeUsed()
    offset = 0
    if !later.isEmpty { forgetLater() }
  }

  private mutating func removeUsed() {
    segments.removeAll(keepingCapacity: true)
    first = 0
  }

  private mutating func dropUsed() {
    segments.removeFirst(first)
    first = 0
  }

  private mutating func forgetLater() {
    later = []
    firstLater = 0
  }
}

extension [UInt8] {
  /// Moves to memory of its size, if the capacity is more than twice that and more than `kept`.
  fileprivate mutating func trim(keeping kept: Int) {
    if capacity <= Swift.max(2 * count, kept) { return }
    var copy: [UInt8] = []
    copy.reserveCapacity(count)
    copy.append(contentsOf: self)
    self = copy
  }
}

extension OutputQueue {
  /// Lends a closure the first segments, and the number of bytes at their front that are not pending: for one vectored write.
  ///
  /// Lends at most 64 segments, as many as `StreamSocket.write(segments:skipping:)` of AmySockets writes in one call; it takes
  /// both arguments as they are. If all were written and ``count`` is not 0 yet, call again. Segments may be empty. O(1),
  /// copies nothing.
  @inlinable
  public func withSegments<Result: ~Copyable, Failure: Error>(
    _ body: (_ segments: [[UInt8]], _ offset: Int) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(segments, offset)
  }

  /// The number of pending bytes in the segments that ``withSegments(_:)`` lends.
  package var lentCount: Int {
    later.isEmpty ? count : segments.reduce(-offset) { $0 + $1.count }
  }

  /// Lends a closure the pending bytes of each segment, in order, for at most `limit` segments.
  ///
  /// For streams that take one span at a time, such as TLS. No span is empty. O(segments lent); copies nothing.
  public func forEachSegment<Failure: Error>(
    atMost limit: Int = .max, _ body: (Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    if count == 0 { return }
    let inFront = segments.count - first
    for index in 0..<max(0, min(limit, segmentCount)) {
      let segment = index < inFront ? segments[first + index] : later[firstLater + index - inFront]
      let pending = segment.span.extracting((index == 0 ? offset : 0)...)
      // The last segment may be open and empty.
      if !pending.isEmpty { try body(pending) }
    }
  }
}
