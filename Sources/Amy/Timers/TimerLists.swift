internal import CAmy

/// The memory of a ``TimerWheel``: its lists, and the timers in them.
///
/// A list is a circle of links with an anchor. Anchors and timers share one range of numbers, anchors first: taking out a timer
/// is two stores, whatever its neighbours and its list are.
///
/// A timer's 36 bytes lie in three arrays, by frequency of use: unlinking touches three timers, but only 8 bytes of each, and a
/// million of these are 8 MB. The arrays grow by doubling, with realloc(3), which moves the pages of a large array and copies
/// nothing; slots never used are never touched.
///
/// Nothing is allocated before the first timer. Only this file touches the memory: numbers of lists and slots come from the
/// links, or were compared with `used`.
@safe
internal struct TimerLists: ~Copyable {
  fileprivate struct Links {
    var next: UInt32
    var previous: UInt32
  }

  /// All but its place.
  internal struct Timer {
    internal var id: UInt64
    internal var deadline: UInt64
    internal var period: UInt64
  }

  private var links: UnsafeMutablePointer<Links>?
  private var generations: UnsafeMutablePointer<UInt32>?
  private var timers: UnsafeMutablePointer<Timer>?
  /// How many numbers have memory, and how many of them were used.
  private var capacity: UInt32 = 0
  private var used: UInt32 = 0
  /// The slot freed last, or 0: used next, since it is still in the cache.
  private var free: UInt32 = 0

  /// A bit for each nonempty list, in 32 words, and a bit for each nonzero word.
  private var occupied: UnsafeMutablePointer<UInt64>?
  private var occupiedWords: UInt32 = 0

  /// The numbers of lists, and of their anchors, are below this.
  internal static var count: UInt32 { 2_048 }

  deinit {
    unsafe amy_free(links)
    unsafe amy_free(occupied)
    unsafe amy_free(generations)
    unsafe amy_free(timers)
  }
}

// The lists.
extension TimerLists {
  /// The lowest nonempty list.
  @inline(__always)
  internal var first: UInt32? {
    if occupiedWords == 0 { return nil }
    let word = UInt32(truncatingIfNeeded: occupiedWords.trailingZeroBitCount)
    return word &<< 6 | UInt32(truncatingIfNeeded: self[word: word].trailingZeroBitCount)
  }

  /// The first timer of a list, or the one after a timer; at the end, the list's number.
  @inline(__always)
  internal func next(after number: UInt32) -> UInt32 {
    self[links: number].next
  }

  @inline(__always)
  internal mutating func append(_ slot: UInt32, to list: UInt32) {
    let last = self[links: list].previous
    self[links: slot] = Links(next: list, previous: last)
    self[links: last].next = slot
    self[links: list].previous = slot
    if last == list {
      self[word: list &>> 6] |= 1 &<< UInt64(list & 63)
      occupiedWords |= 1 &<< (list &>> 6)
    }
  }

  /// Whichever list the timer is in.
  @inline(__always)
  internal mutating func unlink(_ slot: UInt32) {
    let (next, previous) = (self[links: slot].next, self[links: slot].previous)
    self[links: previous].next = next
    self[links: next].previous = previous
    // Both neighbours are the same only if they are the anchor.
    if next == previous { markEmpty(next) }
  }

  /// Its timers stay linked to each other, and the last one to the anchor.
  @inline(__always)
  internal mutating func empty(_ list: UInt32) {
    self[links: list] = Links(next: list, previous: list)
    markEmpty(list)
  }

  @inline(__always)
  private mutating func markEmpty(_ list: UInt32) {
    self[word: list &>> 6] &= ~(1 &<< UInt64(list & 63))
    if self[word: list &>> 6] == 0 { occupiedWords &= ~(1 &<< (list &>> 6)) }
  }

  @inline(__always)
  private subscript(word number: UInt32) -> UInt64 {
    unsafeAddress { unsafe UnsafePointer(occupied.unsafelyUnwrapped + Int(number)) }
    unsafeMutableAddress { unsafe occupied.unsafelyUnwrapped + Int(number) }
  }

  @inline(__always)
  private subscript(links number: UInt32) -> Links {
    unsafeAddress { unsafe UnsafePointer(links.unsafelyUnwrapped + Int(number)) }
    unsafeMutableAddress { unsafe links.unsafelyUnwrapped + Int(number) }
  }
}

// The timers.
extension TimerLists {
  @inline(__always)
  internal subscript(slot: UInt32) -> Timer {
    unsafeAddress { unsafe UnsafePointer(timers.unsafelyUnwrapped + Int(slot)) }
    unsafeMutableAddress { unsafe timers.unsafelyUnwrapped + Int(slot) }
  }

  @inline(__always)
  internal subscript(generationOf slot: UInt32) -> UInt32 {
    unsafeAddress { unsafe UnsafePointer(generations.unsafelyUnwrapped + Int(slot)) }
    unsafeMutableAddress { unsafe generations.unsafelyUnwrapped + Int(slot) }
  }

  /// Returns whether the timer of this generation still has the slot.
  ///
  /// A slot ever given out is not an anchor's number; one of another queue may be beyond those used here.
  @inline(__always)
  internal func has(_ slot: UInt32, _ generation: UInt32) -> Bool {
    slot < used && self[generationOf: slot] == generation
  }

  /// Returns a slot in no list yet, or nil without memory or a number left.
  @inline(__always)
  internal mutating func allocate() -> UInt32? {
    let slot = free
    if slot == 0 { return allocateFresh() }
    free = self[links: slot].next
    return slot
  }

  @inline(never)
  private mutating func allocateFresh() -> UInt32? {
    if used == capacity, !grow() { return nil }
    let slot = used
    self[generationOf: slot] = 1
    used += 1
    return slot
  }

  /// Frees the slot of a timer that is in no list.
  ///
  /// Its generation ends, and handles to it are stale. A slot that has had all its generations is not used again: a stale
  /// handle is recognised for ever, for 36 bytes per four billion timers.
  @inline(__always)
  internal mutating func release(_ slot: UInt32) {
    self[generationOf: slot] &+= 1
    if self[generationOf: slot] == 0 { return }
    self[links: slot].next = free
    free = slot
  }

  /// Returns false without memory, and changes nothing.
  private mutating func grow() -> Bool {
    let larger = capacity == 0 ? 2 * Self.count : capacity.addingSaturating(capacity)
    guard larger > capacity, unsafe Self.resize(&links, to: larger), unsafe Self.resize(&generations, to: larger),
      unsafe Self.resize(&timers, to: larger)
    else { return false }
    if capacity == 0 {
      guard unsafe Self.resize(&occupied, to: Self.count / 64) else { return false }
      for word in 0..<Self.count / 64 { self[word: word] = 0 }
      for list in 0..<Self.count { self[links: list] = Links(next: list, previous: list) }
      used = Self.count
    }
    capacity = larger
    return true
  }

  private static func resize<Element>(_ array: inout UnsafeMutablePointer<Element>?, to count: UInt32) -> Bool {
    guard let memory = unsafe amy_resize(array, Int(count) * MemoryLayout<Element>.stride) else { return false }
    unsafe array = memory.assumingMemoryBound(to: Element.self)
    return true
  }
}

extension UInt32 {
  fileprivate func addingSaturating(_ other: UInt32) -> UInt32 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

// It has one owner and moves whole, with the memory behind the pointers.
extension TimerLists: @unchecked Sendable {}
