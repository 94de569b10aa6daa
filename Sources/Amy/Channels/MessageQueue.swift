/// Messages in order of arrival, in one block of memory that is reused.
///
/// Swift has no queue of noncopyable values yet: this type and ``HashStorage`` manage memory by hand. The elements from `first`
/// to `end` are initialised, which only this file can break.
@safe
@frozen
@usableFromInline
internal struct MessageQueue<Message: ~Copyable>: ~Copyable {
  @usableFromInline
  internal var start: UnsafeMutablePointer<Message>
  @usableFromInline
  internal var first = 0
  @usableFromInline
  internal var end = 0
  @usableFromInline
  internal var capacity: Int

  /// Allocates nothing.
  @inlinable
  internal init() {
    // No memory, but not null: no code checks for nil.
    unsafe start = UnsafeMutablePointer(bitPattern: MemoryLayout<Message>.alignment).unsafelyUnwrapped
    capacity = 0
  }

  @inlinable
  deinit {
    unsafe (start + first).deinitialize(count: end - first)
    if capacity > 0 { unsafe start.deallocate() }
  }
}

// It has one owner and moves whole, with the memory behind the pointer.
extension MessageQueue: @unchecked Sendable where Message: Sendable & ~Copyable {}

extension MessageQueue where Message: ~Copyable {
  @inlinable
  internal var count: Int { end &- first }

  @inlinable
  internal var isEmpty: Bool { end == first }

  /// Amortised O(1).
  @inlinable
  @inline(__always)
  internal mutating func append(_ message: consuming Message) {
    if end == capacity { makeRoom() }
    unsafe (start + end).initialize(to: message)
    end &+= 1
  }

  @inlinable
  internal mutating func removeFirst() -> Message {
    precondition(!isEmpty, "there is no message")
    let message = unsafe (start + first).move()
    first &+= 1
    if isEmpty {
      first = 0
      end = 0
    }
    return message
  }

  /// Moves the messages to the front if half of the memory is free there, or else to twice the memory.
  @usableFromInline
  @inline(never)
  internal mutating func makeRoom() {
    if first > 0, first >= capacity / 2 {
      // moveInitialize allows overlap.
      unsafe start.moveInitialize(from: start + first, count: count)
    } else {
      let larger = max(16, capacity * 2)
      let moved = UnsafeMutablePointer<Message>.allocate(capacity: larger)
      unsafe moved.moveInitialize(from: start + first, count: count)
      if capacity > 0 { unsafe start.deallocate() }
      unsafe start = moved
      capacity = larger
    }
    end = count
    first = 0
  }

  @inlinable
  internal mutating func append(allOf other: inout MessageQueue) {
    while !other.isEmpty { append(other.removeFirst()) }
  }

  /// Whether to keep this memory after a number of messages was taken at once.
  @inlinable
  internal func isWorthKeeping(after count: Int) -> Bool {
    capacity <= 1 << 10 || count >= capacity / 4
  }
}
