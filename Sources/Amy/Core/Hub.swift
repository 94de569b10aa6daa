internal import Synchronization
internal import SystemPackage

/// What a poller and its registrars share: the kernel's queue, what the kernel knows nothing of, and whether all of it may
/// still be used.
///
/// The poller closes it; the queue's descriptor itself lives until the last registrar and the last waiter let go, so that its
/// number cannot become somebody else's under them. How waits go is in `Hub+Wait`, timers are in `Hub+Timers`.
///
/// What runs often answers with a result instead of throwing, and ``error(of:)`` tells what a negative one means: so the common
/// case stays short, and the callers' code throws.
package final class Hub<Kernel: Backend & ~Copyable>: Sendable {
  package let kernel: Kernel
  internal let gate: Gate
  internal let mailroom: Mailroom
  internal let news = Guarded(News())
  internal let timers: Guarded<Timers>
  internal let owned = Guarded(OwnedSources())
  /// No timer is due before this; `.max` for none.
  ///
  /// Changed where ``timers`` is held.
  internal let earliest = Atomic<UInt64>(.max)
  /// Counts waits that have more than the kernel to look after: see ``Turn``.
  internal let turns = Atomic<UInt8>(0)

  // Watched from outside: by a loop that cannot be seen here, through the queue's descriptor.
  package init(_ kernel: consuming Kernel, _ witness: ForkWitness, isWatchedFromOutside: Bool = false) {
    timers = Guarded(Timers(at: kernel.now))
    self.kernel = kernel
    gate = Gate(witness)
    mailroom = Mailroom(isWatchedFromOutside: isWatchedFromOutside)
  }

  /// The result where the gate is shut.
  ///
  /// No errno is as large.
  internal static var refused: SystemCallResult { .min }

  @inline(__always)
  package func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult {
    gate.isOpen ? kernel.change(descriptor, change, watch) : Self.refused
  }

  package func wake() throws(PollerError) {
    guard gate.isOpen else { throw gate.refusal }
    mailroom.requestWake()
    let result = kernel.wake()
    if result < 0 {
      mailroom.unring()
      throw error(of: result)
    }
  }

  package func close() {
    guard gate.shut() else { return }
    kernel.wakeForGood()
    // Sources refer to the hub, and the hub to those that are in its list.
    news.withLock { $0.removeAll() }
  }
}

extension Hub: NewsOffice where Kernel: ~Copyable {
  package func accept(_ source: NewsSource) -> Bool {
    news.withLock { $0.accept(source, if: gate) } && mailroom.publishNews()
  }

  package func ring() {
    // Who sleeps hears of nothing else, and a channel tells only of the first message: so a kernel that fails is asked again.
    for _ in 0..<8 where kernel.wake() >= 0 { return }
    mailroom.unring()
  }

  package var refusal: PollerError? { gate.isOpen ? nil : gate.refusal }

  package var isForked: Bool { gate.isForked }
}

extension News {
  /// Once the gate is shut nothing may stay here.
  fileprivate mutating func accept(_ source: NewsSource, if gate: borrowing Gate) -> Bool {
    guard gate.isOpen else { return false }
    append(source)
    return true
  }
}

extension Hub where Kernel: ~Copyable {
  /// What a negative result means.
  @inline(never)
  package func error(of result: SystemCallResult) -> PollerError {
    result == Self.refused ? gate.refusal : PollerError(polling: result)
  }

  /// As ``error(of:)``, for a registration that was to be changed: EINVAL is one that cannot be.
  ///
  /// Or the queue itself, which cannot be registered at all. To tell them apart would take the descriptor, and with it an
  /// instruction of each change that succeeds.
  @inline(never)
  package func error(ofModifying result: SystemCallResult) -> PollerError {
    let error = error(of: result)
    return error.errno == .invalidArgument ? PollerError(.registeredAsShared, errno: error.errno) : error
  }
}

extension PollerError {
  /// What epoll_ctl(2) means by its errors, which every backend gives.
  fileprivate init(polling result: SystemCallResult) {
    let general = PollerError(result: result)
    let code: Code =
      switch general.errno {
      case .fileExists: .alreadyRegistered
      case .noSuchFileOrDirectory: .notRegistered
      // EPERM is a file that has no poll; EINVAL the queue itself.
      case .notPermitted, .invalidArgument: .notPollable
      case .tooManySymbolicLinkLevels: .nestedTooDeeply
      default: general.code
      }
    self.init(code, errno: general.errno)
  }
}
