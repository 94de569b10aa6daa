#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)

internal import Synchronization

/// One descriptor's registration with a kqueue: words that waiters and registrars share, and what registrars alone keep.
///
/// Stores go in this order (`Documentation/decisions/0012-once-for-both-directions-on-kqueue.md`): a generation that cannot be
/// claimed, id and interest, the generation that can.
internal struct KqueueSlot: ~Copyable {
  /// The generation, incremented by each change, above two bits: armed as `once`, and armed at all.
  private let state = Atomic<UInt64>(0)
  /// ``Watch/data``: id and interest.
  private let watch = Atomic<UInt64>(0)
  /// Where the waiter's last event of this registration is, to add the sibling's entry of the same wait.
  ///
  /// A hint: the event there is compared.
  private let position = Atomic<Int>(0)
  /// A registrar holds this for all of its change, including the system call.
  ///
  /// A waiter never waits for it, but tries to take it to repair a filter that is reported spuriously.
  private let registration = FutexMutex(Registration())

  private static var armed: UInt64 { 1 << 0 }
  private static var once: UInt64 { 1 << 1 }
  private static var flagBits: UInt64 { 2 }

  /// As many bits as a token has room for.
  private static func generation(_ state: UInt64) -> UInt64 { state &>> flagBits }
}

extension KqueueSlot {
  // MARK: Registrars, one at a time

  struct Registration: Sendable {
    /// Nil if nothing is registered; else possibly stale: the descriptor closed, and its number used again.
    var trigger: Trigger?
    /// Disabled ones included.
    var filters: Interest = []
    /// Whether it cannot be changed, as with epoll.
    var isShared = false
  }

  func withRegistration(_ body: (inout Registration) -> SystemCallResult) -> SystemCallResult {
    body(&registration.locked)
  }

  func withRegistrationIfFree(_ body: (Registration) -> Void) {
    registration.ifFree(body)
  }

  /// Begins the generation of the kernel's next events, and returns its number.
  ///
  /// A waiter can no longer claim an event of an older one.
  func publish(_ data: UInt64, _ trigger: Trigger) -> UInt64 {
    let generation = silence()
    watch.store(data, ordering: .releasing)
    let mode = trigger == .once ? Self.once | Self.armed : Self.armed
    state.store(generation &<< Self.flagBits | mode, ordering: .releasing)
    return generation
  }

  @discardableResult
  func silence() -> UInt64 {
    let next = (Self.generation(state.load(ordering: .relaxed)) &+ 1) & KqueueToken.generations
    // Zero, together with descriptor zero, would be the waker's.
    let generation = next == 0 ? 1 : next
    state.store(generation &<< Self.flagBits, ordering: .releasing)
    return generation
  }

  var generation: UInt64 { Self.generation(state.load(ordering: .relaxed)) }

  var data: UInt64 { watch.load(ordering: .relaxed) }

  var isArmed: Bool { state.load(ordering: .relaxed) & Self.armed != 0 }

  // MARK: Waiters

  enum Claim {
    /// The event is the waiter's.
    case claimed(data: UInt64)
    /// The registration is silent by now: this wait has claimed the event if the one at ``lastPosition`` has this id.
    case silent(data: UInt64)
    /// An older generation, an unrequested direction, or claimed by another waiter.
    case stale
  }

  /// The interest must include one of the directions.
  @inline(__always)
  func claim(_ generation: UInt64, of directions: UInt8) -> Claim {
    let seen = state.load(ordering: .acquiring)
    let data = watch.load(ordering: .acquiring)
    guard Self.generation(seen) == generation else { return .stale }
    // A filter no longer requested reports nothing, and so claims nothing.
    guard UInt8(truncatingIfNeeded: data) & directions != 0 else { return .stale }
    if seen & Self.armed == 0 { return .silent(data: data) }
    if seen & Self.once != 0 {
      let (exchanged, _) = state.compareExchange(
        expected: seen, desired: seen & ~Self.armed, ordering: .acquiringAndReleasing)
      return exchanged ? .claimed(data: data) : .stale
    }
    // Are these that generation's data?
    return state.load(ordering: .acquiring) == seen ? .claimed(data: data) : .stale
  }

  var lastPosition: Int {
    get { position.load(ordering: .relaxed) }
    nonmutating set { position.store(newValue, ordering: .relaxed) }
  }
}

extension FutexMutex {
  fileprivate func ifFree(_ body: (borrowing Value) -> Void) {
    let (exchanged, _) = lock.compareExchange(
      expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
    guard exchanged else { return }
    defer { if lock.exchange(0, ordering: .releasing) == 2 { wakeNext() } }
    unsafe body(value.pointee)
  }
}

/// The user data of a filter: its registration's slot and generation.
internal struct KqueueToken {
  let rawValue: UInt64

  /// 24 bits of descriptor: 16 million.
  static var descriptorBits: UInt64 { 24 }
  static var generations: UInt64 { .max &>> descriptorBits }

  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  init(_ descriptor: CInt, _ generation: UInt64) {
    rawValue = generation &<< Self.descriptorBits | UInt64(UInt32(bitPattern: descriptor))
  }

  var descriptor: Int { Int(rawValue & (1 &<< Self.descriptorBits &- 1)) }
  var generation: UInt64 { rawValue &>> Self.descriptorBits }
}

#endif
