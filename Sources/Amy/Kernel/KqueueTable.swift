#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)

internal import Synchronization

/// The slots of a kqueue's registrations, by descriptor.
///
/// It never shrinks or moves, so that a slot is read without a lock. Each chunk is as large as all before it, and is created
/// when a descriptor in it is first registered. Addresses are kept as numbers, so the type is Sendable by its properties.
internal struct KqueueTable: ~Copyable {
  /// The address of `chunks` `Atomic<UInt>`: each a chunk's address, or zero.
  private let directory: UInt

  /// Chunk 0 has 2 to the power of this many slots; chunks 0 and 1 together have twice as many.
  private static var log2First: Int { 6 }
  private static var chunks: Int { Int(KqueueToken.descriptorBits) - log2First + 1 }
  /// Descriptors of this number and above have no slot.
  private static var limit: Int { 1 << Int(KqueueToken.descriptorBits) }

  init() {
    let entries = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: Self.chunks)
    for chunk in 0..<Self.chunks { unsafe (entries + chunk).initialize(to: Atomic(0)) }
    directory = UInt(bitPattern: entries)
  }

  deinit {
    guard let entries = unsafe UnsafeMutablePointer<Atomic<UInt>>(bitPattern: directory) else { return }
    for chunk in 0..<Self.chunks {
      Self.free(chunk, at: unsafe entries[chunk].load(ordering: .acquiring))
    }
    unsafe entries.deinitialize(count: Self.chunks)
    unsafe entries.deallocate()
  }

  @inline(__always)
  func withSlot<Result>(_ descriptor: Int, _ body: (borrowing KqueueSlot) -> Result) -> Result? {
    guard descriptor >= 0, descriptor < Self.limit else { return nil }
    let chunk = Self.chunk(of: descriptor)
    guard let entries = unsafe UnsafeMutablePointer<Atomic<UInt>>(bitPattern: directory),
      let slots = unsafe UnsafeMutablePointer<KqueueSlot>(bitPattern: entries[chunk].load(ordering: .acquiring))
    else { return nil }
    return unsafe body(slots[descriptor &- Self.start(of: chunk)])
  }

  /// Creates a descriptor's slot, if it can have one: only a chunk's first costs memory.
  func makeSlot(_ descriptor: Int) {
    guard descriptor >= 0, descriptor < Self.limit, withSlot(descriptor, { _ in }) == nil else { return }
    let chunk = Self.chunk(of: descriptor)
    let count = Self.count(of: chunk)
    let slots = UnsafeMutablePointer<KqueueSlot>.allocate(capacity: count)
    for slot in 0..<count { unsafe (slots + slot).initialize(to: KqueueSlot()) }
    guard let entries = unsafe UnsafeMutablePointer<Atomic<UInt>>(bitPattern: directory) else { return }
    let (exchanged, _) = unsafe entries[chunk].compareExchange(
      expected: 0, desired: UInt(bitPattern: slots), ordering: .acquiringAndReleasing)
    // Another thread was first.
    if !exchanged { Self.free(chunk, at: UInt(bitPattern: slots)) }
  }

  private static func free(_ chunk: Int, at address: UInt) {
    guard let slots = unsafe UnsafeMutablePointer<KqueueSlot>(bitPattern: address) else { return }
    unsafe slots.deinitialize(count: count(of: chunk))
    unsafe slots.deallocate()
  }

  @inline(__always)
  private static func chunk(of descriptor: Int) -> Int {
    Int.bitWidth &- (descriptor &>> log2First).leadingZeroBitCount
  }

  @inline(__always)
  private static func start(of chunk: Int) -> Int {
    chunk == 0 ? 0 : 1 &<< (log2First &+ chunk &- 1)
  }

  private static func count(of chunk: Int) -> Int {
    chunk == 0 ? 1 << log2First : start(of: chunk)
  }
}

#endif
