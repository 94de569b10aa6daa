/// What must be done after the lock of a channel's state is free: ring the poller; end the sleep of all, or of one, who sleep
/// on the channel itself; free memory that it needs no more.
@usableFromInline
internal typealias PostUnlockActions = (wakes: Bool, toAll: Bool?, freesMemory: Bool)

/// What a channel's lock protects: each of these functions is one critical section, and says what must follow it.
@frozen
@usableFromInline
package struct ChannelState<Message: ~Copyable & Sendable>: ~Copyable, Sendable {
  @usableFromInline
  internal var queue = MessageQueue<Message>()
  /// Empty memory, for the queue to change places with when all is received at once.
  @usableFromInline
  internal var spare = MessageQueue<Message>()
  /// The most messages that may wait; `.max` for no limit.
  @usableFromInline
  internal let capacity: Int
  @usableFromInline
  internal var hasSenders = true
  @usableFromInline
  internal var hasReceiver = true
  /// The most messages that there were when one was taken, and how many were taken so, since memory was looked through.
  @usableFromInline
  internal var most = 0
  @usableFromInline
  internal var takenCount = 0
  /// Threads that sleep until there is a message.
  @usableFromInline
  internal var sleepingReceivers = 0
  /// Threads that sleep until there is room for one.
  @usableFromInline
  internal var sleepingSenders = 0

  internal init(capacity: Int) {
    self.capacity = capacity
  }
}

extension ChannelState where Message: ~Copyable {
  // MARK: Sending

  @frozen
  @usableFromInline
  internal enum Sent: ~Copyable {
    case sent
    /// It is the first, or somebody sleeps.
    case notify(wakes: Bool, toAll: Bool?)
    case full(Message)
    case disconnected(Message)
  }

  @inlinable
  @inline(__always)
  internal mutating func send(_ message: consuming Message, telling entry: ReadyEntry?) -> Sent {
    if !hasReceiver { return .disconnected(message) }
    let count = queue.end &- queue.first
    if count >= capacity { return .full(message) }
    queue.append(message)
    if count > 0, sleepingReceivers == 0 { return .sent }
    // Among sleepers of two kinds the one that is woken might be of the wrong kind.
    return .notify(wakes: entry?.markReady() == true, toAll: sleepingReceivers == 0 ? nil : sleepingSenders > 0)
  }

  internal mutating func loseSenders(_ entry: ReadyEntry?) -> PostUnlockActions {
    hasSenders = false
    return (hasReceiver && entry?.markReady() == true, sleepingReceivers > 0 ? true : nil, false)
  }

  // MARK: Receiving

  @inlinable
  internal mutating func receive(telling entry: ReadyEntry?, _ actions: inout PostUnlockActions) -> ReceiveOutcome<Message> {
    if queue.isEmpty {
      if hasSenders { return .empty }
      entry?.clearReady()
      return .disconnected
    }
    most = max(most, queue.count)
    takenCount &+= 1
    let message = queue.removeFirst()
    actions = hasTakenOne(entry)
    return .message(message)
  }

  /// Changes places with the queue, which is empty then.
  @inlinable
  internal mutating func receiveAll(
    into taken: inout MessageQueue<Message>, telling entry: ReadyEntry?
  ) -> PostUnlockActions {
    swap(&queue, &taken)
    swap(&queue, &spare)
    entry?.clearReady()
    return (false, sleepingSenders > 0 ? true : nil, false)
  }

  /// Puts back what was not received after all, before what has come since, or else keeps the memory.
  @inlinable
  internal mutating func restore(_ taken: inout MessageQueue<Message>, telling entry: ReadyEntry?) -> PostUnlockActions {
    if taken.isEmpty {
      swap(&spare, &taken)
      return (false, nil, false)
    }
    swap(&queue, &taken)
    queue.append(allOf: &taken)
    return (entry?.markReady() == true, sleepingReceivers > 0 ? true : nil, false)
  }

  /// What was left behind is news again, be it that no more will come; and of nothing nobody is to be told.
  @usableFromInline
  internal mutating func hasTakenOne(_ entry: ReadyEntry?) -> PostUnlockActions {
    var actions: PostUnlockActions = (false, sleepingSenders == 0 ? nil : sleepingReceivers > 0, false)
    if !queue.isEmpty || !hasSenders {
      actions.wakes = entry?.markReady() == true
    } else {
      entry?.clearReady()
    }
    if queue.isEmpty || takenCount >= queue.capacity {
      // Whether the channel has much more memory than it has needed of late.
      actions.freesMemory = !queue.isWorthKeeping(after: most) || !spare.isWorthKeeping(after: most)
      if !actions.freesMemory { (most, takenCount) = (queue.count, 0) }
    }
    return actions
  }

  /// Moves the messages into memory of their size, and hands out what is too much, to be freed once the lock is.
  internal mutating func giveBack(_ first: inout MessageQueue<Message>, _ second: inout MessageQueue<Message>) {
    if !queue.isWorthKeeping(after: most) {
      swap(&queue, &first)
      queue.append(allOf: &first)
    }
    if !spare.isWorthKeeping(after: most) { swap(&spare, &second) }
    (most, takenCount) = (queue.count, 0)
  }

  internal mutating func loseReceiver(
    _ entry: ReadyEntry?, leaving left: inout MessageQueue<Message>, _ unused: inout MessageQueue<Message>
  ) -> PostUnlockActions {
    hasReceiver = false
    swap(&queue, &left)
    swap(&spare, &unused)
    entry?.clearReady()
    return (false, sleepingReceivers + sleepingSenders > 0 ? true : nil, false)
  }
}
