internal import CAmy

/// What the senders and the receiver of a channel share.
@usableFromInline
package final class Channel<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  package let state: FutexMutex<ChannelState<Message>>
  /// Nil for a channel that no poller knows.
  @usableFromInline
  internal let entry: ReadyEntry?
  @usableFromInline
  internal let forkDetector: ForkDetector

  internal init(capacity: Int, entry: ReadyEntry?, forkDetector: ForkDetector) throws(PollerError) {
    guard capacity > 0 else { throw PollerError(.invalidArgument) }
    state = FutexMutex(ChannelState(capacity: capacity))
    self.entry = entry
    self.forkDetector = forkDetector
  }

  /// Does what a change of the state has made necessary, after its lock is free.
  @inlinable
  @inline(__always)
  internal func perform(_ actions: PostUnlockActions) {
    if case (false, nil, false) = actions { return }
    performSome(actions)
  }

  @usableFromInline
  @inline(never)
  internal func performSome(_ actions: PostUnlockActions) {
    if actions.wakes { entry?.owner?.signalWaker() }
    if let toAll = actions.toAll { state.notify(all: toAll) }
    if actions.freesMemory {
      var first = MessageQueue<Message>()
      var second = MessageQueue<Message>()
      state.locked.giveBack(&first, &second)
    }
  }

  /// The last sender is gone.
  internal func loseSenders() {
    if !forkDetector.isForked { perform(state.locked.loseSenders(entry)) }
  }

  /// The receiver is gone: what it did not take goes with it, once the lock is free, since a message's end may send another.
  internal func loseReceiver() {
    if forkDetector.isForked { return }
    var left = MessageQueue<Message>()
    var unused = MessageQueue<Message>()
    perform(state.locked.loseReceiver(entry, leaving: &left, &unused))
  }

  /// Looks again and again until there is something to receive, or until a time.
  internal func spin(until deadline: Deadline) {
    while state.locked.isIdle, Deadline.now < deadline {
      for _ in 0..<16 { amy_pause() }
    }
  }

  /// Sleeps until a change is announced, or until a time; returns whether the time is over.
  @usableFromInline
  internal func sleep(since eventCount: UInt32, until deadline: UInt64) -> Bool {
    state.sleep(since: eventCount, until: deadline)
    return deadline != .max && Deadline.now.nanoseconds >= deadline
  }
}
