/// The receiving end of a channel: a source whose event reports that there is something to receive.
///
/// ```swift
/// let (sender, receiver) = try registrar.makeChannel(of: Job.self)
/// // on the thread that waits:
/// if events[index].id == receiver.id {
///   receiver.receiveAll { job in run(job) }
/// }
/// ```
///
/// An event comes when an empty channel gets a message, when the last sender is gone, and when a ``tryReceive()``, or a
/// ``receiveAll(_:)`` whose closure throws, leaves something behind; nothing repeats it. A channel has no descriptor.
///
/// Any number of threads may receive: each message goes to one. Destroying the receiver destroys its messages, and returns
/// later ones to their senders. In a forked child the receiver is always empty, and no call waits.
public final class Receiver<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  package let channel: Channel<Message>

  /// The id that its events carry.
  public let id: Event.ID

  internal init(_ channel: Channel<Message>, id: Event.ID) {
    self.channel = channel
    self.id = id
  }

  deinit {
    channel.loseReceiver()
  }

  /// Takes the oldest message, if there is one.
  ///
  /// O(1). Never waits. Makes no system call except to wake another thread: a waiter for what is left, or a sender that waits
  /// for room. ``receiveAll(_:)`` takes the channel's lock twice for any number of messages. The channel keeps its memory, but
  /// frees a burst's once less than a quarter was needed from one time that it was empty to the next, or while as many messages
  /// were taken as the memory holds.
  @inlinable
  public func tryReceive() -> ReceiveOutcome<Message> {
    if channel.forkDetector.isForked { return .empty }
    var actions: PostUnlockActions = (false, nil, false)
    let result = channel.state.locked.receive(telling: channel.entry, &actions)
    channel.perform(actions)
    return result
  }

  /// Takes all messages at once, and calls a closure with each, in order.
  ///
  /// Never waits. Messages that arrive meanwhile come with the next event. If the closure throws, those it did not get stay,
  /// before newer ones, and an event reports them. The channel keeps the memory, unless it is much more than was needed.
  ///
  /// - Returns: Whether more messages can come: false once the last sender is gone and everything was taken.
  @inlinable
  @discardableResult
  public func receiveAll<Failure: Error>(
    _ body: (consuming Message) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    if channel.forkDetector.isForked { return true }
    var taken = MessageQueue<Message>()
    channel.perform(channel.state.locked.receiveAll(into: &taken, telling: channel.entry))
    let count = taken.count
    do throws(Failure) {
      while !taken.isEmpty { try body(taken.removeFirst()) }
    } catch {
      if !channel.forkDetector.isForked {
        channel.perform(channel.state.locked.restore(&taken, telling: channel.entry))
      }
      throw error
    }
    return finish(&taken, count)
  }

  @inlinable
  internal func finish(_ taken: inout MessageQueue<Message>, _ count: Int) -> Bool {
    // The closure may have forked.
    if channel.forkDetector.isForked { return true }
    if !taken.isWorthKeeping(after: count) { taken = MessageQueue() }
    return channel.state.locked.keep(&taken)
  }

  /// Takes the oldest message, and waits for one if there is none: for a thread without a poller.
  ///
  /// Blocks its thread: never call it on Swift's cooperative pool.
  ///
  /// - Parameters:
  ///   - timeout: Nil waits without limit; any other is never cut short, and counts as ``Deadline`` does.
  ///   - spinning: How long to poll before sleeping. This occupies a processor, and notices a message in well under a
  ///     microsecond; a thread that sleeps on another processor takes some 25 microseconds.
  /// - Returns: ``ReceiveOutcome/empty`` after the time is over.
  @available(*, noasync, message: "receive blocks its thread: call it on a thread of its own")
  public func receive(timeout: Duration? = nil, spinning: Duration = .zero) -> ReceiveOutcome<Message> {
    if channel.forkDetector.isForked { return .empty }
    let now = timeout == nil && spinning == .zero ? Deadline(nanoseconds: 0) : Deadline.now
    let deadline = timeout.map { now + $0 } ?? .never
    if spinning > .zero { channel.spin(until: min(deadline, now + spinning)) }
    var isOver = false
    while true {
      switch tryReceive() {
      case .message(let message): return .message(message)
      case .disconnected: return .disconnected
      case .empty: if isOver || channel.forkDetector.isForked { return .empty }
      }
      guard let eventCount = channel.state.locked.beginWaitingForMessages(channel) else { continue }
      isOver = channel.sleep(since: eventCount, until: deadline.nanoseconds)
      channel.state.locked.sleepingReceivers -= 1
    }
  }
}

/// The outcome of receiving.
@frozen
public enum ReceiveOutcome<Message: ~Copyable>: ~Copyable {
  /// A message.
  case message(Message)
  /// There is no message yet.
  case empty
  /// The last sender is gone, and all messages were received.
  case disconnected
}

extension ReceiveOutcome: Copyable where Message: Copyable {}
extension ReceiveOutcome: Sendable where Message: Sendable & ~Copyable {}
extension ReceiveOutcome: Equatable where Message: Equatable {}

extension ChannelState where Message: ~Copyable {
  /// Returns whether more messages can come.
  @usableFromInline
  internal mutating func keep(_ taken: inout MessageQueue<Message>) -> Bool {
    if spare.capacity < taken.capacity { swap(&spare, &taken) }
    return hasSenders || !queue.isEmpty
  }

  internal var isIdle: Bool { queue.isEmpty && hasSenders }

  /// Returns the event count to sleep on; nil if there is something to receive.
  fileprivate mutating func beginWaitingForMessages(_ channel: Channel<Message>) -> UInt32? {
    if !isIdle { return nil }
    sleepingReceivers += 1
    return channel.state.eventCount
  }
}
