// The process's own sources, without descriptors.
extension Registrar {
  /// Creates a channel without a limit: any number of senders, and one receiver whose events come from this poller.
  ///
  /// No system call, and no descriptor. After the poller is closed or destroyed, messages still pass, but no event reports
  /// them. Neither end keeps the poller alive.
  ///
  /// - Parameters:
  ///   - type: The messages' type, which may be noncopyable: so a socket can go to another thread.
  ///   - id: The receiver's, from ``reserveID()``, or nil for a fresh one.
  /// - Returns: The two ends.
  /// - Throws: ``PollerError/Code/closed`` and ``PollerError/Code/forked``.
  public func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, as id: Event.ID? = nil
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
    try core.makeChannel(of: type, as: id ?? reserveID())
  }

  /// Creates a channel of limited capacity, otherwise as ``makeChannel(of:as:)`` does.
  ///
  /// - Parameters:
  ///   - type: The messages' type.
  ///   - capacity: The most messages that may wait, at least 1.
  ///   - id: The receiver's.
  /// - Returns: The two ends.
  /// - Throws: Also ``PollerError/Code/invalidArgument`` for a capacity below 1.
  public func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int, as id: Event.ID? = nil
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
    try core.makeChannel(of: type, capacity: capacity, as: id ?? reserveID())
  }

  /// Creates a user event of this poller, without keeping the poller alive.
  ///
  /// Its id is from ``reserveID()``, or fresh. Throws ``PollerError/Code/closed`` and ``PollerError/Code/forked``.
  public func makeUserEvent(as id: Event.ID? = nil) throws(PollerError) -> UserEvent {
    try core.makeUserEvent(as: id ?? reserveID())
  }
}

/// Creates a channel without a poller, for workers that only take jobs: wait with ``Receiver/receive(timeout:spinning:)``.
///
/// No system call, except for the first of Amy's objects in the process.
///
/// - Throws: ``PollerError/Code/outOfMemory``, only for that first object.
public func makeChannel<Message: ~Copyable & Sendable>(
  of type: Message.Type
) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
  let channel = try Channel<Message>(capacity: .max, entry: nil, forkDetector: ForkDetector())
  return (Sender(channel), Receiver(channel, id: .next()))
}

/// Creates a channel of limited capacity without a poller.
///
/// - Parameters:
///   - type: The messages' type.
///   - capacity: The most messages that may wait, at least 1.
/// - Returns: The two ends.
/// - Throws: ``PollerError/Code/invalidArgument`` for a capacity below 1, and ``PollerError/Code/outOfMemory``.
public func makeChannel<Message: ~Copyable & Sendable>(
  of type: Message.Type, capacity: Int
) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
  let channel = try Channel<Message>(capacity: capacity, entry: nil, forkDetector: ForkDetector())
  return (BoundedSender(channel), Receiver(channel, id: .next()))
}

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
