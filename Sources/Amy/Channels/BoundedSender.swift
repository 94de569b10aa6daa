/// The sending end of a channel of limited capacity: a value to copy to any thread.
///
/// ```swift
/// let (sender, receiver) = try registrar.makeChannel(of: Job.self, capacity: 64)
/// switch sender.trySend(job) {
/// case .sent: break
/// case .full(let job): reject(job)
/// case .disconnected(let job): handle(job)
/// }
/// ```
///
/// The receiver learns when the last copy is destroyed. In a forked child each message comes back unsent.
public struct BoundedSender<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  internal let lease: SenderLease<Message>

  internal init(_ channel: Channel<Message>) {
    lease = SenderLease(channel)
  }

  /// Sends a message if there is room for it, or gives it back.
  ///
  /// Never waits. System calls, lock and allocation are as in ``Sender/send(_:)``.
  @inlinable
  public func trySend(_ message: consuming Message) -> SendOutcome<Message> {
    let channel = lease.channel
    if channel.forkDetector.isForked { return .disconnected(message) }
    switch channel.state.locked.send(message, telling: channel.entry) {
    case .sent: return .sent
    case .notify(let wakes, let toAll):
      if wakes { channel.entry?.owner?.signalWaker() }
      if let toAll { channel.state.notify(all: toAll) }
      return .sent
    case .full(let refused): return .full(refused)
    case .disconnected(let refused): return .disconnected(refused)
    }
  }

  /// Sends a message, and waits for room.
  ///
  /// Prefers none of several waiting threads. Blocks its thread: never call it on Swift's cooperative pool, or on the receiving
  /// thread.
  ///
  /// - Parameters:
  ///   - message: Comes back if it could not be sent.
  ///   - deadline: When to give up.
  /// - Returns: ``SendOutcome/full(_:)`` after the deadline.
  @available(*, noasync, message: "send may block its thread: use trySend")
  public func send(_ message: consuming Message, until deadline: Deadline = .never) -> SendOutcome<Message> {
    let channel = lease.channel
    var message = message
    var isOver = false
    while true {
      switch trySend(message) {
      case .sent: return .sent
      case .disconnected(let refused): return .disconnected(refused)
      case .full(let refused):
        if isOver { return .full(refused) }
        message = refused
      }
      guard let eventCount = channel.state.locked.beginWaitingForRoom(channel) else { continue }
      isOver = channel.sleep(since: eventCount, until: deadline.nanoseconds)
      channel.state.locked.sleepingSenders -= 1
    }
  }
}

/// The outcome of sending a message.
@frozen
public enum SendOutcome<Message: ~Copyable>: ~Copyable {
  /// The message was sent.
  case sent
  /// There was no room; the message comes back.
  case full(Message)
  /// The receiver is gone; the message comes back.
  case disconnected(Message)
}

extension SendOutcome: Copyable where Message: Copyable {}
extension SendOutcome: Sendable where Message: Sendable & ~Copyable {}
extension SendOutcome: Equatable where Message: Equatable {}

extension ChannelState where Message: ~Copyable {
  /// Returns the event count to sleep on; nil if there is room.
  fileprivate mutating func beginWaitingForRoom(_ channel: Channel<Message>) -> UInt32? {
    if queue.count < capacity || !hasReceiver { return nil }
    sleepingSenders += 1
    return channel.state.eventCount
  }
}
