internal import CAmy
internal import Synchronization
internal import SystemPackage

// A poller that has only descriptors takes the first function, or with a timeout the second. Telling the compiler that this is
// the common path saves jumps.

extension PollerCore where Kernel: ~Copyable {
  @inline(__always)
  package func wait(into events: inout EventBuffer) -> SystemCallResult {
    _fastPath(liveness.isUsable) ? sleep(into: &events, for: .max, until: .max) : refuse(&events)
  }

  package func wait(into events: inout EventBuffer, timeout: Duration) -> SystemCallResult {
    guard liveness.isUsable else { return refuse(&events) }
    let limit = timeout.nanoseconds
    if limit == 0 { return look(into: &events) }
    return sleep(into: &events, for: limit, until: limit == .max ? .max : kernel.now.addingSaturating(limit))
  }

  @inline(__always)
  private func sleep(into events: inout EventBuffer, for limit: UInt64, until deadline: UInt64) -> SystemCallResult {
    if _slowPath(!wakeState.park().isQuiet) {
      wakeState.unpark()
      events.count = 0
      return waitOn(into: &events, after: nil, until: deadline)
    }
    let outcome = kernel.wait(into: &events, after: 0, for: limit)
    wakeState.unpark()
    return _fastPath(outcome.flags.isEmpty) ? 0 : waitOn(into: &events, after: outcome, until: deadline)
  }

  @inline(__always)
  private func look(into events: inout EventBuffer) -> SystemCallResult {
    if !wakeState.state.isQuiet {
      events.count = 0
      return waitOn(into: &events, after: nil, until: 0)
    }
    let outcome = kernel.wait(into: &events, after: 0, for: 0)
    return outcome.flags.isEmpty ? 0 : waitOn(into: &events, after: outcome, until: 0)
  }

  package func wait(into events: inout EventBuffer, timeout: Duration?, spinning: Duration) -> SystemCallResult {
    guard liveness.isUsable else { return refuse(&events) }
    events.count = 0
    let now = kernel.now
    let limit = timeout.map(\.nanoseconds) ?? .max
    let deadline = limit == 0 || limit == .max ? limit : now.addingSaturating(limit)
    if deadline != 0, !isDue(at: now) {
      let outcome = spin(into: &events, until: min(deadline, now.addingSaturating(spinning.nanoseconds)))
      return outcome.flags.isEmpty ? 0 : waitOn(into: &events, after: outcome, until: deadline)
    }
    return waitOn(into: &events, after: nil, until: deadline)
  }

  /// Empties the buffer, so that old events are not taken for new ones.
  private func refuse(_ events: inout EventBuffer) -> SystemCallResult {
    events.count = 0
    return Self.refused
  }

  /// Continues a wait that has more than events to handle: takes what is due of all kinds, to the same deadline, across signals
  /// and unrequested events.
  ///
  /// `first` is what the kernel has reported, if it was asked.
  @inline(never)
  private func waitOn(
    into events: inout EventBuffer, after first: WaitResult?, until deadline: UInt64
  ) -> SystemCallResult {
    var pending = first
    var isWoken = false
    while true {
      let order = FairnessOrder(waitCount.wrappingAdd(1, ordering: .relaxed).oldValue)
      if pending == nil, order.isKernelLast { collect(&events, order) }
      // If collected events fill the buffer, the kernel comes first in another wait.
      var outcome = pending ?? WaitResult(result: 0, flags: [])
      if pending == nil, events.count < events.capacity {
        outcome = rest(into: &events, until: isWoken ? 0 : deadline)
      }
      pending = nil
      // First of all: unresolved, these events mean nothing.
      if outcome.flags.contains(.internalDescriptor) { resolveInternal(in: &events) }
      guard liveness.isUsable else { return events.isEmpty ? Self.refused : finish(events) }
      if outcome.flags.contains(.waker), wakeState.consumeWake() { isWoken = true }
      if outcome.flags.contains(.alarm) { forgetAlarm() }
      collect(&events, order)
      if !events.isEmpty { return finish(events) }
      if outcome.result < 0, outcome.result != -Errno.interrupted.rawValue { return outcome.result }
      // The waker and unrequested events may have taken all the room: look for what is behind them.
      if isWoken, outcome.result >= 0, outcome.result < events.capacity { return finish(events) }
      if outcome.result == 0, deadline != .max, deadline == 0 || kernel.now >= deadline { return finish(events) }
    }
  }

  private func rest(into events: inout EventBuffer, until deadline: UInt64) -> WaitResult {
    if deadline == 0 || !events.isEmpty { return kernel.wait(into: &events, after: events.count, for: 0) }
    let before = wakeState.park()
    defer { wakeState.unpark() }
    if before.hasReady { return kernel.wait(into: &events, after: events.count, for: 0) }
    let now = deadline == .max && !before.hasTimers ? 0 : kernel.now
    var limit = deadline == .max ? .max : deadline &- min(now, deadline)
    if before.hasTimers { limit = min(limit, sleepLimit(at: now, isAlone: !before.hasSleepers)) }
    return kernel.wait(into: &events, after: events.count, for: limit)
  }

  /// While there is room, in alternating order.
  private func collect(_ events: inout EventBuffer, _ order: FairnessOrder) {
    if order.isReadyLast {
      expireTimers(into: &events)
      deliverReady(into: &events)
    } else {
      deliverReady(into: &events)
      expireTimers(into: &events)
    }
  }

  private func deliverReady(into events: inout EventBuffer) {
    if wakeState.state.hasReady, events.count < events.capacity {
      takeReadyEntries(into: &events)
    }
  }

  @inline(never)
  private func takeReadyEntries(into events: inout EventBuffer) {
    ready.locked.deliver(into: &events, emptying: wakeState)
  }

  /// Hands off what is left to a sleeping thread.
  private func finish(_ events: borrowing EventBuffer) -> SystemCallResult {
    let state = wakeState.state
    if !state.isQuiet, state.hasSleepers {
      if state.hasReady, wakeState.handOff() { signalWaker() }
      if state.hasTimers { guardTimers() }
    }
    return 0
  }

  /// Whether something is due that the kernel does not know of.
  private func isDue(at now: UInt64) -> Bool {
    wakeState.state.hasReady || earliest.load(ordering: .relaxed) <= now
  }

  /// Mostly in memory: the kernel takes longer to answer.
  @inline(never)
  private func spin(into events: inout EventBuffer, until end: UInt64) -> WaitResult {
    while true {
      let outcome = kernel.wait(into: &events, after: events.count, for: 0)
      if outcome.result != 0 { return outcome }
      for _ in 0..<64 {
        if wakeState.state.hasReady { return outcome }
        amy_pause()
      }
      let now = kernel.now
      if now >= end || isDue(at: now) || !liveness.isUsable { return outcome }
    }
  }
}

/// When more is due than fits, the kernel, ready entries and timers take turns, so that none starves.
private struct FairnessOrder {
  private let number: UInt8

  init(_ number: UInt8) {
    self.number = number
  }

  var isKernelLast: Bool { number & 1 == 0 }
  var isReadyLast: Bool { number & 2 == 0 }
}

extension ReadyList {
  /// Clears the ready flag when no entry is left.
  fileprivate mutating func deliver(into events: inout EventBuffer, emptying wakeState: borrowing WakeState) {
    while events.count < events.capacity, let source = next() {
      events.append(Event(id: source.id, kind: source.kind))
    }
    if isEmpty { wakeState.clearReady() }
    tidy()
  }
}

extension UInt64 {
  internal func addingSaturating(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
