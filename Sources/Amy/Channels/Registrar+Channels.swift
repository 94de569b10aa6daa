// Sources that are no descriptors: the process's own.
extension Registrar {
  /// A channel without a limit: any number of senders, and a receiver whose events come from this poller.
  ///
  /// No system call, and no descriptor. A channel belongs to its poller: when that is closed or gone, messages can be sent and
  /// received as before, but no event tells of them. Neither end keeps the poller alive.
  ///
  /// - Parameters:
  ///   - type: What is to be sent. Noncopyable messages are welcome: so a socket is handed to another thread.
  ///   - id: What the receiver's events are to carry: from ``reserveID()``, or a fresh one.
  /// - Returns: The two ends.
  /// - Throws: ``PollerError/Code/closed`` and ``PollerError/Code/forked``.
  public func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, as id: Event.ID? = nil
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
    try core.makeChannel(of: type, as: id ?? reserveID())
  }

  /// A channel that holds so many messages and no more.
  ///
  /// All else is as in ``makeChannel(of:as:)``.
  ///
  /// - Parameters:
  ///   - type: What is to be sent.
  ///   - capacity: The most messages that may wait to be received, at least 1.
  ///   - id: What the receiver's events are to carry.
  /// - Returns: The two ends.
  /// - Throws: Besides, ``PollerError/Code/invalidArgument`` for a capacity below 1.
  public func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int, as id: Event.ID? = nil
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
    try core.makeChannel(of: type, capacity: capacity, as: id ?? reserveID())
  }

  /// A user event of this poller's, which it does not keep alive.
  ///
  /// It carries an id from ``reserveID()``, or a fresh one. Throws ``PollerError/Code/closed`` and ``PollerError/Code/forked``.
  public func makeUserEvent(as id: Event.ID? = nil) throws(PollerError) -> UserEvent {
    try core.makeUserEvent(as: id ?? reserveID())
  }
}

/// A channel that no poller knows: its receiver is waited for with ``Receiver/receive(timeout:spinning:)``.
///
/// No system call. For workers that do nothing but take jobs.
///
/// - Throws: ``PollerError/Code/outOfMemory``, where this is the first of Amy's objects in the process.
public func makeChannel<Message: ~Copyable & Sendable>(
  of type: Message.Type
) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
  let channel = try Channel<Message>(capacity: .max, entry: nil, forkDetector: ForkDetector())
  return (Sender(channel), Receiver(channel, id: .next()))
}

/// A channel that no poller knows, and that holds so many messages and no more.
///
/// - Parameters:
///   - type: What is to be sent.
///   - capacity: The most messages that may wait to be received, at least 1.
/// - Returns: The two ends.
/// - Throws: ``PollerError/Code/invalidArgument`` for a capacity below 1, and ``PollerError/Code/outOfMemory``.
public func makeChannel<Message: ~Copyable & Sendable>(
  of type: Message.Type, capacity: Int
) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
  let channel = try Channel<Message>(capacity: capacity, entry: nil, forkDetector: ForkDetector())
  return (BoundedSender(channel), Receiver(channel, id: .next()))
}

// For every kernel.
extension PollerCore where Kernel: ~Copyable {
  package func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, as id: Event.ID
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
    let channel = try Channel<Message>(capacity: .max, entry: makeEntry(as: id, .message), forkDetector: liveness.forkDetector)
    return (Sender(channel), Receiver(channel, id: id))
  }

  package func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int, as id: Event.ID
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
    let channel = try Channel<Message>(
      capacity: capacity, entry: makeEntry(as: id, .message), forkDetector: liveness.forkDetector)
    return (BoundedSender(channel), Receiver(channel, id: id))
  }

  package func makeUserEvent(as id: Event.ID) throws(PollerError) -> UserEvent {
    UserEvent(try makeEntry(as: id, .user))
  }

  private func makeEntry(as id: Event.ID, _ kind: Event.Kind) throws(PollerError) -> ReadyEntry {
    if let refusal { throw refusal }
    return ReadyEntry(id: id, kind: kind, owner: self, forkDetector: liveness.forkDetector)
  }
}
