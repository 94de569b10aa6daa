/// What must follow once a channel's lock is released: signal the poller's waker; wake all threads that sleep on the channel
/// (true), one (false) or none (nil); free unneeded memory.
@usableFromInline
internal typealias PostUnlockActions = (wakes: Bool, toAll: Bool?, freesMemory: Bool)

/// What a channel's lock protects: each function is one critical section.
@frozen
@usableFromInline
package struct ChannelState<Message: ~Copyable & Sendable>: ~Copyable, Sendable {
  @usableFromInline
  internal var queue = MessageQueue<Message>()
  /// Swapped with the queue when all messages are received.
  @usableFromInline
  internal var spare = MessageQueue<Message>()
  /// The most messages that may wait; `.max` for no limit.
  @usableFromInline
  internal let capacity: Int
  @usableFromInline
  internal var hasSenders = true
  @usableFromInline
  internal var hasReceiver = true
  /// The longest queue from which one message was taken since memory was last checked, and how many were.
  @usableFromInline
  internal var most = 0
  @usableFromInline
  internal var takenCount = 0
  @usableFromInline
  internal var sleepingReceivers = 0
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
    /// The message is the first in the queue, or a receiver sleeps.
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
    // If receivers and senders sleep, waking one might wake the wrong kind.
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

  @inlinable
  internal mutating func receiveAll(
    into taken: inout MessageQueue<Message>, telling entry: ReadyEntry?
  ) -> PostUnlockActions {
    swap(&queue, &taken)
    swap(&queue, &spare)
    entry?.clearReady()
    return (false, sleepingSenders > 0 ? true : nil, false)
  }

  /// Puts messages back in front of newer ones; without any, keeps the memory.
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

  @usableFromInline
  internal mutating func hasTakenOne(_ entry: ReadyEntry?) -> PostUnlockActions {
    var actions: PostUnlockActions = (false, sleepingSenders == 0 ? nil : sleepingReceivers > 0, false)
    if !queue.isEmpty || !hasSenders {
      actions.wakes = entry?.markReady() == true
    } else {
      entry?.clearReady()
    }
    if queue.isEmpty || takenCount >= queue.capacity {
      // Whether the memory is much more than was needed recently.
      actions.freesMemory = !queue.isWorthKeeping(after: most) || !spare.isWorthKeeping(after: most)
      if !actions.freesMemory { (most, takenCount) = (queue.count, 0) }
    }
    return actions
  }

  /// Hands out excess memory, to be freed without the lock.
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
