/// What belongs to each source, by its id: the table that turns an event into a connection.
///
/// ```swift
/// var connections = EventTable<Connection>()
/// connections.insert(connection, for: id)
/// // ... an event came:
/// connections.withValue(for: event.id) { $0.answer(event.readiness) }
/// ```
///
/// Values may be noncopyable: a ``Registration`` with its socket, say. A dictionary takes longer to look an id up than the
/// whole wait costs per event; this takes a multiplication, a load and a comparison, and compiles into the code that uses it.
///
/// An event for an id that is not in the table does no harm: ids are never reused, so it is of a source that was removed.
///
/// No lock: give each thread its own, or put it into a `Mutex`. Complexity: insert, remove and look up are O(1) expected;
/// memory is allocated only to grow, doubling. See `Documentation/decisions` for why it is open addressing.
public struct EventTable<Value: ~Copyable>: ~Copyable {
  /// HashStorage of which the first empty one ends each search: at most three quarters are full.
  @usableFromInline
  internal var storage: HashStorage<Value>

  /// The number of values.
  public private(set) var count = 0

  /// An empty table.
  ///
  /// - Parameter minimumCapacity: How many values it is to hold without growing: from 0 to 1,048,576, and brought into that
  ///   range if outside. More come by growing.
  public init(minimumCapacity: Int = 0) {
    storage = HashStorage(log2: Self.log2(holding: min(max(minimumCapacity, 0), 1 << 20)))
  }

  /// Whether there are no values.
  public var isEmpty: Bool { count == 0 }

  /// How many values it holds before it grows.
  public var capacity: Int { storage.count / 4 * 3 }

  /// The logarithm of the slots of which three quarters are no less than the capacity, and no fewer than six.
  private static func log2(holding capacity: Int) -> Int {
    let slots = max(8, capacity + (capacity + 2) / 3)
    return Int.bitWidth - (slots - 1).leadingZeroBitCount
  }
}

extension EventTable: Sendable where Value: Sendable & ~Copyable {}

extension EventTable where Value: ~Copyable {
  /// Whether there is a value for the id.
  ///
  /// O(1) expected.
  @inlinable
  public func contains(_ id: Event.ID) -> Bool {
    storage.find(id.rawValue) != nil
  }

  /// Calls a closure with the value for the id, in place, or returns nil when there is none.
  ///
  /// O(1) expected.
  @inlinable
  public mutating func withValue<Result: ~Copyable, Failure: Error>(
    for id: Event.ID, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard let slot = storage.find(id.rawValue) else { return nil }
    return try body(&storage[slot])
  }

  /// Puts a value in, and returns the one that the id had, if any.
  ///
  /// O(1) expected; grows when three quarters are full.
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

  /// Takes a value out, or returns nil when there is none.
  ///
  /// O(1) expected; memory is kept.
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

  /// Takes every value out and hands it to a closure, in no particular order; memory is kept.
  ///
  /// The closure is a good place to close what a server still has when it ends. O(capacity), or O(1) when it is empty.
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
