#if KqueueModel || canImport(Darwin) || os(FreeBSD) || os(OpenBSD)

internal import Synchronization

/// What is known of one descriptor's registration with a kqueue: the words that waiters and registrars share, and what
/// registrars alone keep.
///
/// See `Documentation/decisions/0012-once-for-both-directions-on-kqueue.md`, also for the order of the stores: first a
/// generation that nobody can claim, then id and interest, then the generation that can be claimed.
internal struct KqueueSlot: ~Copyable {
  /// The generation, counted up by each change; below it whether it is armed as `once`, and whether it is armed at all.
  private let state = Atomic<UInt64>(0)
  /// ``Watch/data``: id and interest.
  private let watch = Atomic<UInt64>(0)
  /// Where a waiter put its last event of this registration, if one that comes is of the same outcome.
  ///
  /// A hint: what it leads to is compared.
  private let position = Atomic<Int>(0)
  /// What registrars keep; held by one over all of its change, the system call included.
  ///
  /// Never waited for by a waiter; one takes it that finds a filter which is told in vain.
  private let registration = FutexMutex(Registration())

  private static var armed: UInt64 { 1 << 0 }
  private static var once: UInt64 { 1 << 1 }
  private static var flagBits: UInt64 { 2 }

  /// As many as a token has room for.
  private static func generation(_ state: UInt64) -> UInt64 { state &>> flagBits }
}

extension KqueueSlot {
  // MARK: What registrars do, one at a time

  /// What they keep.
  struct Registration: Sendable {
    /// Nil if nothing is registered, as far as we know: the descriptor may be closed, and another have its number.
    var trigger: Trigger?
    /// The filters that the kernel has attached, also if they are disabled.
    var filters: Interest = []
    /// Whether it is one that cannot be changed, as with epoll.
    var isShared = false
  }

  /// Calls a closure while no other registrar changes this registration.
  func withRegistration(_ body: (inout Registration) -> SystemCallResult) -> SystemCallResult {
    body(&registration.locked)
  }

  /// Calls a closure, unless a registrar changes this registration.
  func withRegistrationIfFree(_ body: (Registration) -> Void) {
    registration.ifFree(body)
  }

  /// Begins a generation, under which the kernel's next events are to come, and returns its number.
  ///
  /// Whoever has harvested an event of an older one can no longer claim it.
  func publish(_ data: UInt64, _ trigger: Trigger) -> UInt64 {
    let generation = silence()
    watch.store(data, ordering: .releasing)
    let mode = trigger == .once ? Self.once | Self.armed : Self.armed
    state.store(generation &<< Self.flagBits | mode, ordering: .releasing)
    return generation
  }

  /// Begins a generation that nobody can claim.
  @discardableResult
  func silence() -> UInt64 {
    let next = (Self.generation(state.load(ordering: .relaxed)) &+ 1) & KqueueToken.generations
    // Zero would be the waker's, together with descriptor zero.
    let generation = next == 0 ? 1 : next
    state.store(generation &<< Self.flagBits, ordering: .releasing)
    return generation
  }

  /// What the kernel's filters have as their generation.
  var generation: UInt64 { Self.generation(state.load(ordering: .relaxed)) }

  /// Id and interest as they were said last.
  var data: UInt64 { watch.load(ordering: .relaxed) }

  /// Whether an event can be claimed.
  var isArmed: Bool { state.load(ordering: .relaxed) & Self.armed != 0 }

  // MARK: What waiters do

  /// What is to become of an event.
  enum Claim {
    /// It is the waiter's own.
    case claimed(data: UInt64)
    /// It is of a registration that is silent by now: of the waiter's own outcome, if what ``lastPosition`` leads to has this
    /// id.
    case silent(data: UInt64)
    /// It is of a registration that is no more.
    case stale
  }

  /// Claims an event of a generation that is wanted by whatever the interest says.
  @inline(__always)
  func claim(_ generation: UInt64, of directions: UInt8) -> Claim {
    let seen = state.load(ordering: .acquiring)
    let data = watch.load(ordering: .acquiring)
    guard Self.generation(seen) == generation else { return .stale }
    // A filter that nobody asked for any more says nothing, and so claims nothing.
    guard UInt8(truncatingIfNeeded: data) & directions != 0 else { return .stale }
    if seen & Self.armed == 0 { return .silent(data: data) }
    if seen & Self.once != 0 {
      let (exchanged, _) = state.compareExchange(
        expected: seen, desired: seen & ~Self.armed, ordering: .acquiringAndReleasing)
      return exchanged ? .claimed(data: data) : .stale
    }
    // Were the data those of this generation?
    return state.load(ordering: .acquiring) == seen ? .claimed(data: data) : .stale
  }

  var lastPosition: Int {
    get { position.load(ordering: .relaxed) }
    nonmutating set { position.store(newValue, ordering: .relaxed) }
  }
}

extension FutexMutex {
  /// Calls a closure with the value, unless another thread has it.
  fileprivate func ifFree(_ body: (borrowing Value) -> Void) {
    let (exchanged, _) = lock.compareExchange(
      expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed)
    guard exchanged else { return }
    defer { if lock.exchange(0, ordering: .releasing) == 2 { wakeNext() } }
    unsafe body(value.pointee)
  }
}

/// The user data of a filter: which slot its registration has, and in which generation.
internal struct KqueueToken {
  let rawValue: UInt64

  /// 24 bits of descriptor: 16 million.
  static var descriptorBits: UInt64 { 24 }
  /// All the rest, as a mask.
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
