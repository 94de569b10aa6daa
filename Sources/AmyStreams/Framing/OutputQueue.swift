/// The bytes that are to be written to a stream and that it has not taken yet.
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
/// Nothing that was accepted is lost, and what would be over the ``limit`` is refused as a whole. Bytes stand in segments:
/// large arrays are kept as they are, without a copy, and small appends share one, so that one vectored write sends many.
///
/// ``isCongested`` says when to stop producing for a slow peer, and when to go on: it becomes true at the high-water mark, and
/// false again at the low one.
///
/// ## Cost
///
/// Appending is O(bytes copied), removing O(segments removed), lending O(segments lent), however many are pending; all
/// amortised. A queue that is filled and emptied with small appends allocates once.
///
/// Memory is at most five times the limit and 64 KiB, whatever is appended and removed. An empty queue keeps 64 KiB at most.
///
/// Move-only, and not to be used from two threads at once.
public struct OutputQueue: ~Copyable, Sendable {
  /// How many bytes may be pending.
  public let limit: Int
  /// At how many pending bytes the queue becomes congested.
  public let highWaterMark: Int
  /// At how many pending bytes it is no longer congested.
  public let lowWaterMark: Int
  /// How many bytes are pending.
  public private(set) var count = 0
  /// Whether the producer should pause: since the high-water mark was reached, until the low one is.
  public private(set) var isCongested = false

  /// The segments at the front, no more than one call takes; those before `first` are used up, and empty.
  ///
  /// Lent as they are, so the rest stands apart: a call for a slow reader does not walk over all that is pending.
  @usableFromInline
  private(set) var segments: [[UInt8]] = []
  private var first = 0
  /// How much of the first segment was removed.
  @usableFromInline
  private(set) var offset = 0
  /// The segments behind those, from `firstLater` on; without any, the array is empty.
  private var later: [[UInt8]] = []
  private var firstLater = 0
  /// Whether the last segment is the queue's own, so that it may grow.
  private var isLastOpen = false

  /// Arrays with so many bytes and more are kept as they are; smaller ones are copied next to each other.
  public static var keptCount: Int { 1024 }
  /// The most segments that are lent for one vectored write.
  static var lentSegmentCount: Int { 64 }
  /// How long a segment of the queue's own grows.
  static var segmentCount: Int { 16 * 1024 }

  /// An empty queue.
  ///
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - limit: How many bytes may be pending; below 1 counts as 1.
  ///   - highWaterMark: At how many the queue becomes congested: 1 to the limit, and brought into that range if outside; nil
  ///     for the half of the limit.
  ///   - lowWaterMark: At how many it is no longer: 0 to less than the high one, and brought into that range if outside; nil
  ///     for the half of the high one.
  public init(limit: Int, highWaterMark: Int? = nil, lowWaterMark: Int? = nil) {
    self.limit = max(1, limit)
    self.highWaterMark = max(1, min(highWaterMark ?? self.limit / 2, self.limit))
    self.lowWaterMark = max(0, min(lowWaterMark ?? self.highWaterMark / 2, self.highWaterMark - 1))
  }

  /// Whether nothing is pending.
  public var isEmpty: Bool { count == 0 }

  /// How many bytes may be appended.
  public var freeCapacity: Int { limit - count }

  /// How many segments hold what is pending.
  public var segmentCount: Int { count == 0 ? 0 : segments.count - first + later.count - firstLater }
}

extension OutputQueue {
  /// Queues a copy.
  ///
  /// Throws ``OutputQueueError/full(refused:pending:limit:)``, and has taken nothing then.
  public mutating func append(_ bytes: Span<UInt8>) throws(OutputQueueError) {
    try append(addingCapacity: bytes.count) { $0.append(copying: bytes) }
  }

  /// Queues an array: with ``keptCount`` bytes and more without a copy.
  ///
  /// An array with room for more than twice its bytes is copied, and its memory is not held. Throws
  /// ``OutputQueueError/full(refused:pending:limit:)``, and has taken nothing then.
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
  /// - Parameters:
  ///   - capacity: How much room the closure gets, which must be free in the queue, and is 256 MiB at most; for 0 and less it
  ///     is not called.
  ///   - body: Appends to the span as many bytes as it has. Room that it leaves unused is not held.
  /// - Throws: ``OutputQueueError/full(refused:pending:limit:)``, without calling the closure.
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

  /// Throws when so many bytes more would be over the limit.
  func checkRoom(for added: Int) throws(OutputQueueError) {
    guard added <= freeCapacity else { throw .full(refused: added, pending: count, limit: limit) }
  }

  /// Makes the last segment one of the queue's own that may grow by so many bytes.
  private mutating func openSegment(for added: Int) {
    var reserved = 0
    if isLastOpen {
      let last = later.isEmpty ? segments[segments.count - 1].count : later[later.count - 1].count
      // What is short is cheap to move, and would be much memory for few bytes.
      if last + added <= Self.segmentCount || 2 * last < Self.segmentCount { return }
      closeLast()
      // The first grows with what is appended; where one was filled the next will be, too.
      reserved = max(added, Self.segmentCount)
    }
    var segment: [UInt8] = []
    segment.reserveCapacity(reserved)
    add(segment)
    isLastOpen = true
  }

  /// The last segment will not grow any more: gives back what it does not need, or removes it where it is empty.
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

  /// Another segment at the end.
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
  /// Removes bytes from the front: those that the stream has taken.
  ///
  /// A segment's memory is given back when its last byte is removed; one of the queue's own is kept for the next appends. More
  /// than ``count`` is a bug of the caller, and traps.
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

  /// Forgets all that is pending, and gives the memory back.
  public mutating func removeAll() {
    segments = []
    removeSegments()
    count = 0
    isLastOpen = false
    isCongested = false
  }

  /// All segments at the front are used up, and there are more.
  private mutating func refill() {
    removeUsed()
    while segments.count < Self.lentSegmentCount, firstLater < later.count {
      segments.append(later[firstLater])
      // One owner at a time, so that the last may grow where it is.
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

  /// Nothing is pending: leaves the segment for small appends, if there is one, empty.
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
  /// Goes to memory of its size, if it has more than twice that and more than so much.
  fileprivate mutating func trim(keeping kept: Int) {
    if capacity <= Swift.max(2 * count, kept) { return }
    var copy: [UInt8] = []
    copy.reserveCapacity(count)
    copy.append(contentsOf: self)
    self = copy
  }
}

extension OutputQueue {
  /// Lends the first segments, and says how many bytes at their front are not pending: for one vectored write.
  ///
  /// At most 64, as many as `StreamSocket.write(segments:skipping:)` of AmySockets writes in one call; it takes
  /// both as they are. If all of them were written and ``count`` is not 0 yet, call again. Segments may be empty. O(1), copies
  /// nothing.
  @inlinable
  public func withSegments<Result: ~Copyable, Failure: Error>(
    _ body: (_ segments: [[UInt8]], _ offset: Int) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(segments, offset)
  }

  /// How many pending bytes are in the segments that ``withSegments(_:)`` lends.
  package var lentCount: Int {
    later.isEmpty ? count : segments.reduce(-offset) { $0 + $1.count }
  }

  /// Lends each segment's pending bytes, in order, at most so many segments.
  ///
  /// For streams that take one span at a time, TLS say. None is empty. O(segments lent); copies nothing.
  public func forEachSegment<Failure: Error>(
    atMost limit: Int = .max, _ body: (Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    if count == 0 { return }
    let inFront = segments.count - first
    for index in 0..<max(0, min(limit, segmentCount)) {
      let segment = index < inFront ? segments[first + index] : later[firstLater + index - inFront]
      let pending = segment.span.extracting((index == 0 ? offset : 0)...)
      // The last may be one that is open and empty.
      if !pending.isEmpty { try body(pending) }
    }
  }
}
