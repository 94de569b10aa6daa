// One source in several pollers.
extension Registrar {
  /// Registers a source that other pollers watch, too, a listener mostly: news wakes one of them, and not all.
  ///
  /// Readable by level, for good. Where four pollers watch one listener by ``register(_:as:for:trigger:)``, each client wakes
  /// four threads, of which three find nothing and sleep again. Where all of them register it by this, the kernel wakes one
  /// that sleeps, or now and then a few. Whoever is awake may find the client as well, so would-block still happens. The kernel
  /// prefers some of the sleepers: for even shares let each thread have a listener with `sharesPort`.
  ///
  /// One system call, with `EPOLLEXCLUSIVE` (Linux 4.5). kqueue has no such thing: there it is a registration by level, and
  /// each client wakes all.
  ///
  /// It cannot be changed: reregistering throws ``PollerError/Code/registeredAsShared``, on every kernel. To pause, as when no
  /// descriptor is left, ``deregister(_:)`` it, and register it again later, which tells at once of what waits. The peer's end
  /// of a stream that is registered so is not told until both directions are closed: this is for listeners.
  ///
  /// - Parameters:
  ///   - source: Non-blocking, since several threads may try to take what one of them gets. Register it as shared with all
  ///     pollers, or each of the others is woken as well.
  ///   - id: From ``reserveID()``; each poller's registration has its own, or all the same.
  /// - Throws: What ``register(_:as:for:trigger:)`` throws, and on epoll ``PollerError/Code/notPollable`` (`EINVAL`) for
  ///   another poller.
  @inlinable
  public func registerShared(_ source: borrowing some Pollable & ~Copyable, as id: Event.ID) throws(PollerError) {
    let result = change(source.fileDescriptor, .add, Watch(shared: id))
    if result < 0 { throw error(of: result) }
  }
}
