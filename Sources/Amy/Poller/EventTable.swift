/// A table of values by source id, which finds the connection that an event belongs to.
///
/// ```swift
/// var connections = EventTable<Connection>()
/// connections.insert(connection, for: id)
/// // ... an event came:
/// connections.withValue(for: event.id) { $0.answer(event.readiness) }
/// ```
///
/// Values may be noncopyable, such as a ``Registration`` with its socket. A lookup in a dictionary costs more than the whole
/// wait per event; here it takes two multiplications, a load and a comparison, compiled into the caller.
///
/// An event whose id is not in the table is of a source that was removed: ids are never reused.
///
/// No lock: give each thread its own table, or put it into a `Mutex`. Insert, remove and look up are O(1) expected; memory is
/// allocated only to grow, doubling. `Documentation/decisions` says why it uses open addressing.
public struct EventTable<Value: ~Copyable>: ~Copyable {
  /// At most three quarters full: the first empty slot ends each search.
  @usableFromInline
  internal var storage: HashStorage<Value>

  /// The number of values.
  public private(set) var count = 0

  /// An empty table.
  ///
  /// - Parameter minimumCapacity: The values that it holds without growing, clamped to the range from 0 to 1,048,576.
  public init(minimumCapacity: Int = 0) {
    storage = HashStorage(log2: Self.log2(holding: min(max(minimumCapacity, 0), 1 << 20)))
  }

  /// Whether there are no values.
  public var isEmpty: Bool { count == 0 }

  /// The number of values that it holds without growing.
  public var capacity: Int { storage.count / 4 * 3 }

  /// Three quarters of the slots hold the capacity, and at least six.
  private static func log2(holding capacity: Int) -> Int {
    let slots = max(8, capacity + (capacity + 2) / 3)
    return Int.bitWidth - (slots - 1).leadingZeroBitCount
  }
}

extension EventTable: Sendable where Value: Sendable & ~Copyable {}

extension EventTable where Value: ~Copyable {
  /// Returns whether there is a value for the id.
  ///
  /// O(1) expected.
  @inlinable
  public func contains(_ id: Event.ID) -> Bool {
    storage.find(id.rawValue) != nil
  }

  /// Calls a closure with the value for the id, in place; returns nil if there is none.
  ///
  /// O(1) expected.
  @inlinable
  public mutating func withValue<Result: ~Copyable, Failure: Error>(
    for id: Event.ID, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard let slot = storage.find(id.rawValue) else { return nil }
    return try body(&storage[slot])
  }

  /// Inserts a value, and returns the id's previous value, if any.
  ///
  /// O(1) expected; grows when three quarters of the slots are full.
  @discardableResult
  public mutating func insert(_ value: consuming Value, for id: Event.ID) -> Value? {
    if let slot = storage.find(id.rawValue) {
      let old = storage.take(slot)
      storage.put(value, in: slot, for: id.rawValue)
      return old
    }
    if count == capacity { grow() }
    storage.put(value, in: storage.free(for: id.rawValue), for: id.rawValue)
    count += 1
    return nil
  }

  /// Removes and returns the value for the id, if there is one.
  ///
  /// O(1) expected; keeps its memory.
  @discardableResult
  public mutating func removeValue(for id: Event.ID) -> Value? {
    guard let slot = storage.find(id.rawValue) else { return nil }
    let value = storage.take(slot)
    storage.close(slot)
    count -= 1
    return value
  }

  /// Calls a closure with each id and its value, in no particular order.
  ///
  /// O(capacity).
  public mutating func forEach<Failure: Error>(
    _ body: (Event.ID, inout Value) throws(Failure) -> Void
  ) throws(Failure) {
    for slot in 0..<storage.count {
      guard let id = Event.ID(rawValue: storage.key(of: slot)) else { continue }
      try body(id, &storage[slot])
    }
  }

  /// Removes every value and passes it to a closure, in no particular order; keeps its memory.
  ///
  /// Closes what a server still has open when it ends. O(capacity), or O(1) when the table is empty.
  public mutating func removeAll(_ body: (Event.ID, consuming Value) -> Void = { _, _ in }) {
    if isEmpty { return }
    for slot in 0..<storage.count {
      guard let id = Event.ID(rawValue: storage.key(of: slot)) else { continue }
      count -= 1
      body(id, storage.take(slot))
    }
  }

  private mutating func grow() {
    var larger = HashStorage<Value>(log2: Self.log2(holding: 2 * capacity))
    for slot in 0..<storage.count {
      let key = storage.key(of: slot)
      if key != 0 { larger.put(storage.take(slot), in: larger.free(for: key), for: key) }
    }
    storage = larger
  }
}

extension EventTable {
  /// A copy of the value for the id, or nil when there is none.
  ///
  /// O(1) expected.
  @inlinable
  public subscript(id: Event.ID) -> Value? {
    storage.find(id.rawValue).map { storage[$0] }
  }
}
