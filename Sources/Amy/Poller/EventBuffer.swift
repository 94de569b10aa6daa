/// Where a wait puts its events: made once, and handed to every wait.
///
/// ```swift
/// var events = EventBuffer(capacity: 1024)
/// while true {
///   try poller.wait(into: &events)
///   for index in events.indices {
///     let event = events[index]
///     // ...
///   }
/// }
/// ```
///
/// Noncopyable: it has one owner, and can be moved to another thread with what is in it. Give each thread that waits a buffer
/// of its own. Memory is allocated once, when it is made, and freed when it goes.
///
/// Why not simply an array: emptying one, asking whether it is shared, and finding its free room took more instructions than
/// all the rest of a wait (`Documentation/decisions`).
@safe
public struct EventBuffer: ~Copyable {
  /// The first so many of its ``capacity`` events are initialised, the rest is room.
  @usableFromInline
  internal let start: UnsafeMutablePointer<Event>

  /// The most events that a wait will take.
  public let capacity: Int

  /// The number of events that the last wait brought.
  public package(set) var count = 0

  /// An empty buffer.
  ///
  /// - Parameter capacity: The most events that a wait is to take: from 1 to 65,536, and brought into that range if outside.
  ///   16 bytes each with epoll; with kqueue as many as its own entries have, 32 to 72.
  public init(capacity: Int = 256) {
    self.capacity = min(max(capacity, 1), 1 << 16)
    // The kernel writes its own entries here, which may be longer than the events that are made of them.
    let stride = MemoryLayout<Event>.stride
    let perEntry = max(1, (SystemBackend.entryStride + stride - 1) / stride)
    unsafe start = .allocate(capacity: self.capacity * perEntry)
  }

  deinit {
    unsafe start.deallocate()
  }
}

// One owner, who is moved whole: what the pointer points to moves along.
extension EventBuffer: @unchecked Sendable {}

extension EventBuffer {
  /// Whether the last wait brought no event.
  @inlinable
  public var isEmpty: Bool { count == 0 }

  /// The positions of the events, to go through them in the kernel's order.
  @inlinable
  public var indices: Range<Int> { unsafe Range(uncheckedBounds: (0, count)) }

  /// The event at a position from 0 to less than ``count``; traps outside.
  ///
  /// O(1).
  @inlinable
  public subscript(position: Int) -> Event {
    precondition(UInt(bitPattern: position) < UInt(bitPattern: count), "no event has that position")
    return unsafe start[position]
  }

  /// Calls a closure with each event, in the kernel's order.
  @inlinable
  public func forEach<Failure: Error>(_ body: (Event) throws(Failure) -> Void) throws(Failure) {
    for index in indices { try body(self[index]) }
  }

  /// Takes one more, for which there must be room.
  package mutating func append(_ event: Event) {
    precondition(count < capacity, "there is no room for another event")
    unsafe (start + count).initialize(to: event)
    count &+= 1
  }

  /// Makes another of each, or takes it out.
  package mutating func replaceEach(_ body: (Event) -> Event?) {
    var kept = 0
    for position in indices {
      guard let event = body(self[position]) else { continue }
      unsafe start[kept] = event
      kept &+= 1
    }
    count = kept
  }

  /// Where a backend writes events, from here on, before it sets the count.
  @unsafe
  package var room: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(start) }
}
