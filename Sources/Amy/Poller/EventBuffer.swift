/// The buffer that a wait fills with events: create it once, and pass it to every wait.
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
/// Noncopyable: give each waiting thread its own; it can move to another thread with its events. Its memory is allocated when
/// it is created, and freed with it.
///
/// Not an array: emptying one, checking whether it is shared, and finding its free room took more instructions than the rest of
/// a wait (`Documentation/decisions`).
@safe
public struct EventBuffer: ~Copyable {
  /// The first ``count`` are initialised.
  @usableFromInline
  internal let start: UnsafeMutablePointer<Event>

  /// The most events that one wait takes.
  public let capacity: Int

  /// The number of events of the last wait.
  public package(set) var count = 0

  /// An empty buffer.
  ///
  /// - Parameter capacity: The most events that one wait takes, clamped to the range from 1 to 65,536. Each takes 16 bytes with
  ///   epoll; with kqueue, the size of its own entries, 32 to 72, rounded up to a multiple of 16.
  public init(capacity: Int = 256) {
    self.capacity = min(max(capacity, 1), 1 << 16)
    // The kernel writes its own entries here, which may be longer than events.
    let stride = MemoryLayout<Event>.stride
    let perEntry = max(1, (SystemBackend.entryStride + stride - 1) / stride)
    unsafe start = .allocate(capacity: self.capacity * perEntry)
  }

  deinit {
    unsafe start.deallocate()
  }
}

// It has one owner and moves whole, with the memory behind the pointer.
extension EventBuffer: @unchecked Sendable {}

extension EventBuffer {
  /// Whether the last wait reported no event.
  @inlinable
  public var isEmpty: Bool { count == 0 }

  /// The positions of the events, in the kernel's order.
  @inlinable
  public var indices: Range<Int> { unsafe Range(uncheckedBounds: (0, count)) }

  /// The event at a position from 0 to less than ``count``; traps outside that range.
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

  /// There must be room.
  package mutating func append(_ event: Event) {
    precondition(count < capacity, "there is no room for another event")
    unsafe (start + count).initialize(to: event)
    count &+= 1
  }

  /// Nil removes an event.
  package mutating func replaceEach(_ body: (Event) -> Event?) {
    var kept = 0
    for position in indices {
      guard let event = body(self[position]) else { continue }
      unsafe start[kept] = event
      kept &+= 1
    }
    count = kept
  }

  /// A backend writes events here, then sets the count.
  @unsafe
  package var room: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(start) }
}
