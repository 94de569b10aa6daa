/// The sending end of a channel without a limit: a value to copy to any thread.
///
/// ```swift
/// let (sender, receiver) = try registrar.makeChannel(of: Job.self)
/// if let refused = sender.send(job) { handle(refused) }  // the receiver is gone
/// ```
///
/// The receiver learns when the last copy is destroyed: keep one as long as there may be something to send; `_ =` drops it at
/// once. In a forked child each message comes back unsent.
public struct Sender<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  internal let lease: SenderLease<Message>

  internal init(_ channel: Channel<Message>) {
    lease = SenderLease(channel)
  }

  /// Sends a message, or gives it back if the receiver is gone.
  ///
  /// Never waits. Makes no system call while no thread sleeps. A message to an empty channel makes one write to wake a thread
  /// in the poller, unless another is under way; waking one in ``Receiver/receive(timeout:spinning:)`` takes one more call.
  /// Takes a lock for an append: O(1) amortised, and allocates only when the queue outgrows its memory.
  ///
  /// - Returns: Nil when it was sent.
  @inlinable
  public func send(_ message: consuming Message) -> Message? {
    let channel = lease.channel
    if channel.forkDetector.isForked { return message }
    switch channel.state.locked.send(message, telling: channel.entry) {
    case .sent: return nil
    case .notify(let wakes, let toAll):
      if wakes { channel.entry?.owner?.signalWaker() }
      if let toAll { channel.state.notify(all: toAll) }
      return nil
    // There is no limit.
    case .full(let refused): return refused
    case .disconnected(let refused): return refused
    }
  }
}

/// Swift's own reference count counts a sender's copies.
@usableFromInline
internal final class SenderLease<Message: ~Copyable & Sendable>: Sendable {
  @usableFromInline
  internal let channel: Channel<Message>

  internal init(_ channel: Channel<Message>) {
    self.channel = channel
  }

  deinit {
    channel.loseSenders()
  }
}
