internal import CAmy

@usableFromInline
package final class Channel<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  package let state: FutexMutex<ChannelState<Message>>
  /// Nil for a channel without a poller.
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

  internal func loseSenders() {
    if !forkDetector.isForked { perform(state.locked.loseSenders(entry)) }
  }

  /// Destroys the messages that are left, without the lock: the end of a message may send another.
  internal func loseReceiver() {
    if forkDetector.isForked { return }
    var left = MessageQueue<Message>()
    var unused = MessageQueue<Message>()
    perform(state.locked.loseReceiver(entry, leaving: &left, &unused))
  }

  internal func spin(until deadline: Deadline) {
    while state.locked.isIdle, Deadline.now < deadline {
      for _ in 0..<16 { amy_pause() }
    }
  }

  /// Returns whether the deadline has passed.
  @usableFromInline
  internal func sleep(since eventCount: UInt32, until deadline: UInt64) -> Bool {
    state.sleep(since: eventCount, until: deadline)
    return deadline != .max && Deadline.now.nanoseconds >= deadline
  }
}
