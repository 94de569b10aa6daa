internal import CAmy

/// What the senders and the receiver of a channel share.
@usableFromInline
package final class Channel<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  package let state: Guarded<ChannelState<Message>>
  /// Nil for a channel that no poller knows.
  @usableFromInline
  internal let source: NewsSource?
  @usableFromInline
  internal let witness: ForkWitness

  internal init(capacity: Int, source: NewsSource?, witness: ForkWitness) {
    state = Guarded(ChannelState(capacity: capacity))
    self.source = source
    self.witness = witness
  }

  /// Does what a change of the state has made necessary, after its lock is free.
  @inlinable
  @inline(__always)
  internal func carryOut(_ duties: ChannelDuties) {
    if !duties.isEmpty { carryOutSome(duties) }
  }

  @usableFromInline
  @inline(never)
  internal func carryOutSome(_ duties: ChannelDuties) {
    if duties.contains(.ring) { source?.ring() }
    if duties.contains(.wakeOne) { state.announce(toAll: false) }
    if duties.contains(.wakeAll) { state.announce(toAll: true) }
    if duties.contains(.giveBack) {
      var first = MessageQueue<Message>()
      var second = MessageQueue<Message>()
      state.withLock { $0.giveBack(&first, &second) }
    }
  }

  /// The last sender is gone.
  internal func loseSenders() {
    if !witness.isForked { carryOut(state.withLock { $0.loseSenders(source) }) }
  }

  /// The receiver is gone: what it did not take goes with it, once the lock is free, since a message's end may send another.
  internal func loseReceiver() {
    if witness.isForked { return }
    var left = MessageQueue<Message>()
    var unused = MessageQueue<Message>()
    carryOut(state.withLock { $0.loseReceiver(source, leaving: &left, &unused) })
  }

  /// Looks again and again until there is something to receive, or until a time.
  internal func spin(until deadline: Deadline) {
    while state.withLock({ $0.queue.isEmpty && $0.hasSenders }), Deadline.now < deadline {
      for _ in 0..<16 { amy_pause() }
    }
  }

  /// Sleeps until a change is announced, or until a time; returns whether the time is over.
  @usableFromInline
  internal func sleep(since announcement: UInt32, until deadline: UInt64) -> Bool {
    state.sleep(since: announcement, until: deadline)
    return deadline != .max && Deadline.now.nanoseconds >= deadline
  }
}

/// What must be done after the lock of a channel's state is free.
@frozen
@usableFromInline
internal struct ChannelDuties: OptionSet, Sendable {
  @usableFromInline
  internal let rawValue: UInt8

  @inlinable
  internal init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Tell the poller.
  @inlinable
  internal static var ring: ChannelDuties { ChannelDuties(rawValue: 1 << 0) }
  /// Wake one that sleeps on this channel.
  @inlinable
  internal static var wakeOne: ChannelDuties { ChannelDuties(rawValue: 1 << 1) }
  /// Wake all of them.
  @inlinable
  internal static var wakeAll: ChannelDuties { ChannelDuties(rawValue: 1 << 2) }
  /// Free memory that the channel needs no more.
  @inlinable
  internal static var giveBack: ChannelDuties { ChannelDuties(rawValue: 1 << 3) }
}
