/// The bytes that arrived and were not handed out yet: the storage of both decoders.
///
/// One array, read from `start` on. What was handed out last is `lower..<upper`, before `start`, and valid until the next
/// append.
///
/// Linear: bytes move to the front only if there is no room behind them and at least as many were consumed before; otherwise to
/// a new array of twice the needed size. So each byte is moved a constant number of times.
@usableFromInline
internal struct InputBuffer: ~Copyable, Sendable {
  @usableFromInline
  var storage: [UInt8] = []
  /// Where the bytes not handed out begin.
  @usableFromInline
  var start = 0
  @usableFromInline
  var lower = 0
  @usableFromInline
  var upper = 0
  /// The room requested last: memory of a few times this size is not worth giving back.
  private var lastRoom = 0

  /// Up to this capacity in bytes, `trim()` gives nothing back.
  static var alwaysKept: Int { 64 * 1024 }

  /// The maximum room for a closure, in bytes: more is not a real size.
  @usableFromInline
  static var mostRoom: Int { 1 << 28 }

  init() {}

  /// The number of bytes not handed out.
  @inlinable
  var count: Int { storage.count &- start }

  mutating func append(_ bytes: Span<UInt8>) {
    // For an empty span, the standard library would write a count of zero into the storage that all empty arrays share.
    if bytes.isEmpty { return }
    makeRoom(for: bytes.count)
    storage.append(copying: bytes)
  }

  /// Appends what a closure writes, also before it throws.
  @inlinable
  mutating func append<Result: ~Copyable, Failure: Error>(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let room = min(capacity, Self.mostRoom)
    guard room > 0 else {
      handOutNothing()
      // As above.
      var none = OutputSpan<UInt8>()
      return try body(&none)
    }
    makeRoom(for: room)
    var result: Result?
    try storage.append(addingCapacity: room) { (room: inout OutputSpan<UInt8>) throws(Failure) in
      result = try body(&room)
    }
    guard let result else { preconditionFailure("Array.append(addingCapacity:) calls its closure once") }
    return result
  }

  /// Hands out `lower..<upper`, and continues at `next`.
  @inlinable
  mutating func handOut(_ lower: Int, _ upper: Int, thenFrom next: Int) {
    self.lower = lower
    self.upper = upper
    start = next
  }

  /// Withdraws what was handed out last.
  @usableFromInline
  mutating func handOutNothing() {
    lower = start
    upper = start
  }

  /// Discards all bytes, and gives the memory back.
  @usableFromInline
  mutating func removeAll() {
    storage = []
    start = 0
    handOutNothing()
  }

  /// Gives back memory that a large frame or line took and the remaining bytes do not need.
  ///
  /// At most a quarter of it may be in use, so each call at least halves it, and the bytes that filled it have paid for the
  /// copy.
  mutating func trim() {
    guard storage.capacity > max(Self.alwaysKept, 4 * lastRoom), count <= storage.capacity / 4 else { return }
    move(toCapacity: count == 0 ? 0 : 2 * count + lastRoom)
  }

  /// Ensures that `added` bytes can be appended without allocating.
  @usableFromInline
  mutating func makeRoom(for added: Int) {
    lastRoom = added
    if count == 0 {
      storage.removeAll(keepingCapacity: true)
      start = 0
    }
    handOutNothing()
    trim()
    if storage.capacity - storage.count < added {
      if start >= count, storage.capacity - count >= added {
        storage.removeFirst(start)
        start = 0
        handOutNothing()
      } else {
        move(toCapacity: 2 * (count + added))
      }
    }
  }

  private mutating func move(toCapacity capacity: Int) {
    var moved: [UInt8] = []
    moved.reserveCapacity(capacity)
    moved.append(contentsOf: storage[start...])
    storage = moved
    start = 0
    handOutNothing()
  }
}

extension InputBuffer {
  /// Lends a closure what was handed out last.
  @inlinable
  func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage.span.extracting(lower..<upper))
  }

  /// What was handed out last.
  var slice: ArraySlice<UInt8> { storage[lower..<upper] }
}
