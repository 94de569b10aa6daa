/// The bytes that have come and were not handed out yet: what both decoders stand on.
///
/// One array, read from `start` on. What was handed out last is `lower..<upper`; it lies before `start` and is good until the
/// next append.
///
/// Linear: bytes are moved to the front only when there is no room behind them, and only when at least as many bytes were used
/// up before; otherwise they go to a new array that is twice as large. So each byte is moved a constant number of times.
@usableFromInline
internal struct InputBuffer: ~Copyable, Sendable {
  @usableFromInline
  var storage: [UInt8] = []
  /// Where the bytes begin that were not handed out.
  @usableFromInline
  var start = 0
  @usableFromInline
  var lower = 0
  @usableFromInline
  var upper = 0
  /// How much room was asked for last: memory of a few times this is not worth giving back.
  private var lastRoom = 0

  /// What is never given back, in bytes.
  static var alwaysKept: Int { 64 * 1024 }

  /// The most room that a closure gets, in bytes: whoever asks for more means no number.
  @usableFromInline
  static var mostRoom: Int { 1 << 28 }

  init() {}

  /// How many bytes were not handed out.
  @inlinable
  var count: Int { storage.count &- start }

  /// Appends a copy.
  mutating func append(_ bytes: Span<UInt8>) {
    // Of nothing the standard library would write a count of zero into the storage that all empty arrays share.
    if bytes.isEmpty { return }
    makeRoom(for: bytes.count)
    storage.append(copying: bytes)
  }

  /// Appends what a closure writes, and what it wrote before it threw.
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

  /// Hands out some bytes, and goes on behind them.
  @inlinable
  mutating func handOut(_ lower: Int, _ upper: Int, thenFrom next: Int) {
    self.lower = lower
    self.upper = upper
    start = next
  }

  /// Takes back what was handed out last.
  @usableFromInline
  mutating func handOutNothing() {
    lower = start
    upper = start
  }

  /// Forgets all, and gives the memory back.
  @usableFromInline
  mutating func removeAll() {
    storage = []
    start = 0
    handOutNothing()
  }

  /// Gives memory back that a large frame or line took and the bytes that are left do not need.
  ///
  /// No more than a quarter of it may be in use, so each time halves it at least, and what is copied was paid for by the bytes
  /// that filled it.
  mutating func trim() {
    guard storage.capacity > max(Self.alwaysKept, 4 * lastRoom), count <= storage.capacity / 4 else { return }
    move(toCapacity: count == 0 ? 0 : 2 * count + lastRoom)
  }

  /// Makes sure that so many bytes can be appended without allocating.
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
  /// Lends what was handed out last.
  @inlinable
  func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage.span.extracting(lower..<upper))
  }

  /// What was handed out last.
  var slice: ArraySlice<UInt8> { storage[lower..<upper] }
}
