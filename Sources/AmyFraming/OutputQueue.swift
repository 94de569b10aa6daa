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
/// Appending is O(bytes copied), removing O(segments); both amortised. A queue that is filled and emptied with small appends
/// allocates once. Move-only, and not to be used from two threads at once.
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

  /// The segments; those before `first` are used up, and empty.
  @usableFromInline
  private(set) var segments: [[UInt8]] = []
  private var first = 0
  /// How much of the first segment was removed.
  @usableFromInline
  private(set) var offset = 0
  /// Whether the last segment is the queue's own, so that it may grow.
  private var isLastOpen = false

  /// Arrays with so many bytes and more are kept as they are; smaller ones are copied next to each other.
  public static var keptCount: Int { 1024 }
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
  public var segmentCount: Int { count == 0 ? 0 : segments.count - first }
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
  /// Throws ``OutputQueueError/full(refused:pending:limit:)``, and has taken nothing then.
  public mutating func append(_ bytes: [UInt8]) throws(OutputQueueError) {
    guard bytes.count >= Self.keptCount else { return try append(bytes.span) }
    try checkRoom(for: bytes.count)
    dropOpenIfEmpty()
    segments.append(bytes)
    isLastOpen = false
    added(bytes.count)
  }

  /// Queues what a closure writes.
  ///
  /// - Parameters:
  ///   - capacity: How much room the closure gets, which must be free in the queue, and is 256 MiB at most; for 0 and less it
  ///     is not called.
  ///   - body: Appends to the span as many bytes as it has.
  /// - Throws: ``OutputQueueError/full(refused:pending:limit:)``, without calling the closure.
  public mutating func append(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) -> Void
  ) throws(OutputQueueError) {
    // The standard library would write a count of zero into the storage that all empty arrays share.
    if capacity <= 0 { return }
    try checkRoom(for: capacity)
    let room = min(capacity, InputBuffer.mostRoom)
    openSegment(for: room)
    let last = segments.count - 1
    let before = segments[last].count
    segments[last].append(addingCapacity: room, initializingWith: body)
    added(segments[last].count - before)
  }

  /// Throws when so many bytes more would be over the limit.
  func checkRoom(for added: Int) throws(OutputQueueError) {
    guard added <= freeCapacity else { throw .full(refused: added, pending: count, limit: limit) }
  }

  /// Makes the last segment one of the queue's own that may grow by so many bytes.
  private mutating func openSegment(for added: Int) {
    if isLastOpen, let last = segments.last, last.isEmpty || last.count + added <= Self.segmentCount { return }
    var segment: [UInt8] = []
    // The first grows with what is appended; where one was filled the next will be, too.
    if isLastOpen { segment.reserveCapacity(max(added, Self.segmentCount)) }
    segments.append(segment)
    isLastOpen = true
  }

  /// An empty segment that was kept for small appends is of no use before one that is kept as it is.
  private mutating func dropOpenIfEmpty() {
    if count == 0 {
      segments.removeAll(keepingCapacity: true)
      first = 0
      offset = 0
    }
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
    while first < segments.count, offset >= segments[first].count, offset > 0 || segments[first].isEmpty {
      if first == segments.count - 1, isLastOpen { break }
      offset -= segments[first].count
      segments[first] = []
      first += 1
    }
    if count == 0 { keepOpenSegment() }
    if first > 16, 2 * first >= segments.count { dropUsed() }
    if count <= lowWaterMark { isCongested = false }
  }

  /// Forgets all that is pending, and gives the memory back.
  public mutating func removeAll() {
    segments = []
    first = 0
    offset = 0
    count = 0
    isLastOpen = false
    isCongested = false
  }

  /// Nothing is pending: leaves the segment for small appends, if there is one, empty.
  private mutating func keepOpenSegment() {
    offset = 0
    guard isLastOpen, segments[segments.count - 1].capacity <= 2 * Self.segmentCount else {
      segments.removeAll(keepingCapacity: segments.count <= 64)
      first = 0
      isLastOpen = false
      return
    }
    dropUsed()
    segments[0].removeAll(keepingCapacity: true)
  }

  private mutating func dropUsed() {
    segments.removeFirst(first)
    first = 0
  }
}

extension OutputQueue {
  /// Lends the segments, and says how many bytes at their front are not pending: for one vectored write.
  ///
  /// `StreamSocket.write(segments:skipping:)` of AmySockets takes both as they are. Segments may be empty. Copies nothing.
  @inlinable
  public func withSegments<Result: ~Copyable, Failure: Error>(
    _ body: (_ segments: [[UInt8]], _ offset: Int) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(segments, offset)
  }

  /// Lends each segment's pending bytes, in order, at most so many segments.
  ///
  /// For streams that take one span at a time, TLS say. None is empty. O(segments lent); copies nothing.
  public func forEachSegment<Failure: Error>(
    atMost limit: Int = .max, _ body: (Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    var skipped = offset
    var rest = limit
    for segment in segments[first...] where rest > 0 && segment.count > skipped {
      try body(segment.span.extracting(skipped...))
      skipped = 0
      rest -= 1
    }
  }
}
