/// The memory of an ``EventTable``: keys and values in a power of two of slots, with linear probing.
///
/// Ids count up, and the peers may influence which of them stay. So the hash mixes a key's bits twice: a multiplication carries
/// low bits up, a shift brings high bits down, and the highest bits choose the slot. One multiplication alone spreads
/// consecutive numbers more evenly, but piles up numbers near a Fibonacci number apart. A removal moves back the keys pushed
/// past the removed one: there are no tombstones.
///
/// Swift has no safe array of noncopyable values yet, so this type manages memory by hand. A slot's value is initialised
/// exactly when its key is not zero; only this file can break that.
@safe
@frozen
@usableFromInline
internal struct HashStorage<Value: ~Copyable>: ~Copyable {
  @usableFromInline
  internal let keys: UnsafeMutablePointer<UInt64>
  @usableFromInline
  internal let values: UnsafeMutablePointer<Value>
  /// Shifts a hash down to a slot: 64 minus the logarithm of the count.
  @usableFromInline
  internal let shift: UInt64
  /// The count, a power of two, minus one.
  @usableFromInline
  internal let mask: Int

  /// 2 to the power of `log2` slots; `log2` is at least 1.
  internal init(log2: Int) {
    unsafe keys = .allocate(capacity: 1 << log2)
    unsafe keys.initialize(repeating: 0, count: 1 << log2)
    unsafe values = .allocate(capacity: 1 << log2)
    shift = UInt64(64 - log2)
    mask = 1 << log2 - 1
  }

  @inlinable
  deinit {
    for slot in 0..<count where unsafe keys[slot] != 0 {
      unsafe (values + slot).deinitialize(count: 1)
    }
    unsafe keys.deallocate()
    unsafe values.deallocate()
  }

  @inlinable
  internal var count: Int { mask &+ 1 }
}

// A pointer is not Sendable, but these have one owner and move whole, with the memory behind them.
extension HashStorage: @unchecked Sendable where Value: Sendable & ~Copyable {}

extension HashStorage where Value: ~Copyable {
  /// Where the search for a key starts.
  @inlinable
  internal func home(of key: UInt64) -> Int {
    let mixed = key &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: ((mixed ^ mixed &>> 29) &* 0x94D0_49BB_1331_11EB) &>> shift)
  }

  @inlinable
  internal func find(_ key: UInt64) -> Int? {
    var slot = home(of: key)
    while true {
      let candidate = unsafe keys[slot]
      if candidate == key { return slot }
      if candidate == 0 { return nil }
      slot = (slot &+ 1) & mask
    }
  }

  /// The key is not stored, and one slot is always empty.
  internal func free(for key: UInt64) -> Int {
    var slot = home(of: key)
    while unsafe keys[slot] != 0 { slot = (slot &+ 1) & mask }
    return slot
  }

  /// Zero for an empty slot.
  internal func key(of slot: Int) -> UInt64 {
    unsafe keys[slot]
  }

  /// The slot must not be empty.
  @inlinable
  internal subscript(slot: Int) -> Value {
    unsafeAddress { unsafe UnsafePointer(values + slot) }
    unsafeMutableAddress { unsafe values + slot }
  }

  internal mutating func put(_ value: consuming Value, in slot: Int, for key: UInt64) {
    unsafe keys[slot] = key
    unsafe (values + slot).initialize(to: value)
  }

  internal mutating func take(_ slot: Int) -> Value {
    unsafe keys[slot] = 0
    return unsafe (values + slot).move()
  }

  /// Moves back the keys pushed past an emptied slot, so that every search still ends correctly.
  internal mutating func close(_ slot: Int) {
    var hole = slot
    var next = (slot &+ 1) & mask
    while case let key = unsafe keys[next], key != 0 {
      // A key may fill a hole that is not before its home, counting around the end.
      let distance = (next &- home(of: key)) & mask
      if distance >= (next &- hole) & mask {
        put(take(next), in: hole, for: key)
        hole = next
      }
      next = (next &+ 1) & mask
    }
  }
}
