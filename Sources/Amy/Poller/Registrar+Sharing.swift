// One source registered with several pollers.
extension Registrar {
  /// Registers a source that other pollers also watch, usually a listener: new readiness wakes one of them, not all.
  ///
  /// Reports readability by level. If four pollers watch a listener by ``register(_:as:for:trigger:)``, each client wakes four
  /// threads, three of them for nothing. If all register it as shared, the kernel wakes one sleeping thread, or occasionally a
  /// few; a thread that is awake may find the client too, so would-block still happens. The kernel prefers some of the
  /// sleepers: for an even distribution give each thread a listener of its own with `sharesPort`.
  ///
  /// One system call, with `EPOLLEXCLUSIVE` (Linux 4.5). kqueue has no equivalent: there it is a registration by level, and
  /// each client wakes all.
  ///
  /// Reregistering throws ``PollerError/Code/registeredAsShared``, on every kernel. To pause, as when no descriptor is left,
  /// ``deregister(_:)`` it; registering again reports waiting clients at once. The end of a stream's peer is not reported until
  /// both directions are closed: use this for listeners.
  ///
  /// - Parameters:
  ///   - source: Non-blocking, since several threads may try to take what one gets. Register it as shared with all pollers, or
  ///     each of the others is woken as well.
  ///   - id: From ``reserveID()``; each poller's registration may have its own, or all the same.
  /// - Throws: What ``register(_:as:for:trigger:)`` throws, and on epoll ``PollerError/Code/notPollable`` (`EINVAL`) for
  ///   another poller.
  @inlinable
  public func registerShared(_ source: borrowing some Pollable & ~Copyable, as id: Event.ID) throws(PollerError) {
    let result = change(source.fileDescriptor, .add, Watch(shared: id))
    if result < 0 { throw error(of: result) }
  }
}
