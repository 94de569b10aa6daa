internal import SystemPackage

/// What a poller and its registrars share: the kernel's queue, and whether it may still be used.
///
/// The poller closes it; the queue's descriptor itself lives until the last registrar and the last waiter let go, so that its
/// number cannot become somebody else's under them.
///
/// What runs often answers with a result instead of throwing, and ``error(of:)`` tells what a negative one means: so the common
/// case stays short, and the callers' code throws.
package final class Hub<Kernel: Backend & ~Copyable>: Sendable {
  package let kernel: Kernel
  private let gate: Gate

  package init(_ kernel: consuming Kernel, _ witness: ForkWitness) {
    self.kernel = kernel
    gate = Gate(witness)
  }

  /// The result where the gate is shut.
  ///
  /// No errno is as large.
  private static var refused: SystemCallResult { .min }

  @inline(__always)
  package func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult {
    gate.isOpen ? kernel.change(descriptor, change, watch) : Self.refused
  }

  package func wake() throws(PollerError) {
    let result = gate.isOpen ? kernel.wake() : Self.refused
    if result < 0 { throw error(of: result) }
  }

  package func close() {
    if gate.shut() { kernel.wakeForGood() }
  }

  @inline(__always)
  package func wait(into events: inout EventBuffer) -> SystemCallResult {
    guard gate.isOpen else { return refuse(&events) }
    let harvest = kernel.wait(into: &events, for: .max)
    return events.isEmpty ? waitOn(into: &events, after: harvest, until: .max) : harvest.result
  }

  package func wait(into events: inout EventBuffer, timeout: Duration) -> SystemCallResult {
    guard gate.isOpen else { return refuse(&events) }
    let limit = timeout.nanoseconds
    let deadline = limit == 0 || limit == .max ? limit : kernel.now.addingSaturating(limit)
    let harvest = kernel.wait(into: &events, for: limit)
    return events.isEmpty ? waitOn(into: &events, after: harvest, until: deadline) : harvest.result
  }

  /// Also a wait that is refused empties the buffer: nothing is to be taken for news that is old.
  private func refuse(_ events: inout EventBuffer) -> SystemCallResult {
    events.count = 0
    return Self.refused
  }

  /// What a wait does that brought no event: the deadline holds over signals, and over what the kernel tells that nobody asked
  /// for.
  @inline(never)
  private func waitOn(
    into events: inout EventBuffer, after first: Harvest, until deadline: UInt64
  ) -> SystemCallResult {
    var harvest = first
    var isWoken = false
    while events.isEmpty {
      guard gate.isOpen else { return Self.refused }
      let isInterrupted = harvest.result == -Errno.interrupted.rawValue
      if harvest.result < 0, !isInterrupted { return harvest.result }
      isWoken = isWoken || harvest.isWoken
      // The bell, and what nobody asked for, may have taken all the room: then look again for what is behind them.
      if isWoken, harvest.result >= 0, harvest.result < events.capacity { return 0 }
      let now = deadline == 0 || deadline == .max ? 0 : kernel.now
      if harvest.result == 0, now >= deadline { return 0 }
      let rest = deadline == .max ? .max : deadline &- min(now, deadline)
      harvest = kernel.wait(into: &events, for: isWoken ? 0 : rest)
    }
    return harvest.result
  }

  /// What a negative result means.
  @inline(never)
  package func error(of result: SystemCallResult) -> PollerError {
    result == Self.refused ? gate.refusal : PollerError(polling: result)
  }
}

extension UInt64 {
  fileprivate func addingSaturating(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
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
