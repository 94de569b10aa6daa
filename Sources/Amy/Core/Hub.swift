internal import Synchronization
internal import SystemPackage

/// What a poller and its registrars share: the kernel's queue, and whether it may still be used.
///
/// The poller closes it; the queue's descriptor itself lives until the last registrar and the last waiter let go, so that its
/// number cannot become somebody else's under them.
package final class Hub<Kernel: Backend & ~Copyable>: Sendable {
  package let kernel: Kernel
  private let witness: ForkWitness
  private let isClosed = Atomic(false)

  package init(_ kernel: consuming Kernel, _ witness: ForkWitness) {
    self.kernel = kernel
    self.witness = witness
  }

  /// One load for each of the two.
  @inline(__always)
  private func checkUsable() throws(PollerError) {
    if witness.isForked { throw PollerError(.forked) }
    if isClosed.load(ordering: .acquiring) { throw PollerError(.closed) }
  }

  @inline(__always)
  package func register(_ descriptor: CInt, _ watch: Watch) throws(PollerError) {
    try checkUsable()
    try kernel.add(descriptor, watch)
  }

  @inline(__always)
  package func reregister(_ descriptor: CInt, _ watch: Watch) throws(PollerError) {
    try checkUsable()
    try kernel.modify(descriptor, watch)
  }

  @inline(__always)
  package func deregister(_ descriptor: CInt) throws(PollerError) {
    try checkUsable()
    try kernel.remove(descriptor)
  }

  package func wake() throws(PollerError) {
    try checkUsable()
    try kernel.wake()
  }

  package func close() {
    if witness.isForked || isClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
    kernel.wakeForGood()
  }

  /// The most that one wait takes: what the caller names is room in an array.
  package static var mostEvents: Int { 1 << 16 }

  @inline(__always)
  package func wait(into events: inout [Event], timeout: Duration?, atMost limit: Int) throws(PollerError) {
    events.removeAll(keepingCapacity: true)
    try checkUsable()
    guard limit > 0 else { throw PollerError(.invalidArgument) }
    let limit = min(limit, Self.mostEvents)
    var remaining = timeout?.nanoseconds ?? .max
    // The deadline holds over signals, and over what the kernel tells that nobody asked for.
    let deadline = remaining == 0 || remaining == .max ? remaining : kernel.now.addingSaturating(remaining)
    repeat {
      let harvest = kernel.wait(into: &events, atMost: limit, for: remaining)
      if !events.isEmpty { return }
      guard let rest = try time(leftAfter: harvest, until: deadline) else { return }
      remaining = rest
    } while true
  }

  /// What to do when a wait brought no event: nanoseconds to wait on for, or nil when the caller is to have control back.
  @inline(never)
  private func time(leftAfter harvest: Harvest, until deadline: UInt64) throws(PollerError) -> UInt64? {
    if isClosed.load(ordering: .acquiring) { throw PollerError(.closed) }
    if harvest.isWoken { return nil }
    let isInterrupted = harvest.result == -Errno.interrupted.rawValue
    if harvest.result < 0, !isInterrupted { throw PollerError(result: harvest.result) }
    if deadline == .max { return .max }
    let now = deadline == 0 ? 0 : kernel.now
    if now < deadline { return deadline &- now }
    // At the end of its time a wait has looked once at what the kernel has to tell.
    return harvest.result == 0 ? nil : 0
  }
}

extension UInt64 {
  fileprivate func addingSaturating(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
