public import SystemPackage

/// Registers descriptors with a poller, from any thread, while others wait, and without waking them.
///
/// A value that holds one reference: copy it to every thread that needs it. With epoll, registering, reregistering and
/// deregistering are one `epoll_ctl` each, a system call without a lock or an allocation. A registrar copies only a
/// descriptor's number, and never owns, closes, or changes the descriptor.
///
/// ## Keeping ids and descriptors together
///
/// A registration belongs to the open file behind the number. Deregister before the descriptor is closed, even by a C library:
/// the kernel forgets a file when its last duplicate is closed, so while one stays open (from `dup`, or in a forked child), the
/// registration keeps making events under that id. Only under the old number can it be removed: duplicate the file back to it
/// (dup2(2)), and deregister it. ``Registration`` deregisters by itself.
///
/// ## Errors
///
/// Every call except ``reserveID()`` and ``cancel(_:)`` throws ``PollerError/Code/closed`` once the poller is closed or
/// dropped, and ``PollerError/Code/forked`` in a forked child; those that take a descriptor throw
/// ``PollerError/Code/badDescriptor`` (`EBADF`) for a number that is not open, or open only as a path (`O_PATH`).
public struct Registrar: Sendable {
  internal let core: PollerCore<SystemBackend>

  init(_ core: PollerCore<SystemBackend>) {
    self.core = core
  }

  /// Returns a fresh id, under which a source can be registered later.
  ///
  /// Reserve the id, store under it what belongs to it, then register: otherwise another thread may get an event whose id is
  /// not known yet. ``Event/ID/init(customNumber:)`` also makes ids. An id may be registered any number of times, one
  /// descriptor at a time, with any poller of the process. No system call: one atomic addition. Never fails.
  public func reserveID() -> Event.ID {
    .next()
  }

  /// Registers a descriptor under a reserved id.
  ///
  /// Existing readiness is delivered at once. After an error nothing is registered that was not before.
  ///
  /// - Parameters:
  ///   - source: Non-blocking, or your own reads and writes will block. A new stream socket reports a hang-up until it is
  ///     connecting: call `connect` first.
  ///   - id: From ``reserveID()``, or that of a registration that has been removed.
  ///   - interest: What to report; ``Interest/none`` registers silently.
  ///   - trigger: When to report it.
  /// - Throws: Besides what every call throws, ``PollerError/Code/alreadyRegistered`` (`EEXIST`; the first registration stays
  ///   as it is), ``PollerError/Code/notPollable`` (`EPERM` for a regular file, a directory, or `/dev/null`; `EINVAL` for the
  ///   poller itself), ``PollerError/Code/nestedTooDeeply`` (`ELOOP`), ``PollerError/Code/watchLimit`` (`ENOSPC`), and
  ///   ``PollerError/Code/outOfMemory`` (`ENOMEM`).
  @inlinable
  public func register(
    _ source: borrowing some Pollable & ~Copyable, as id: Event.ID, for interest: Interest, trigger: Trigger = .once
  ) throws(PollerError) {
    let result = change(source.fileDescriptor, .add, Watch(id: id, interest: interest, trigger: trigger))
    if result < 0 { throw error(of: result) }
  }

  /// Registers a descriptor under a fresh id, and returns the id.
  ///
  /// For a thread that registers and waits, or ids that are not looked up; otherwise reserve the id first. All else is as in
  /// ``register(_:as:for:trigger:)``.
  @inlinable
  public func register(
    _ source: borrowing some Pollable & ~Copyable, for interest: Interest, trigger: Trigger = .once
  ) throws(PollerError) -> Event.ID {
    let id = reserveID()
    try register(source, as: id, for: interest, trigger: trigger)
    return id
  }

  /// Replaces a registration's interest, trigger and id as a whole, and delivers existing readiness at once.
  ///
  /// Nothing of the old interest stays armed. After a ``Trigger/once`` event this arms the source again and gives up its
  /// ownership, so do it last.
  ///
  /// Also throws ``PollerError/Code/notRegistered`` (`ENOENT`), ``PollerError/Code/outOfMemory`` (`ENOMEM`), and
  /// ``PollerError/Code/registeredAsShared`` (`EINVAL`) after ``registerShared(_:as:)``.
  @inlinable
  public func reregister(
    _ source: borrowing some Pollable & ~Copyable, as id: Event.ID, for interest: Interest, trigger: Trigger
  ) throws(PollerError) {
    let result = change(source.fileDescriptor, .modify, Watch(id: id, interest: interest, trigger: trigger))
    if result < 0 { throw error(ofModifying: result) }
  }

  /// Makes the poller forget a descriptor: no wait that starts after this has returned reports it.
  ///
  /// A wait that began before may still return an event for it, on another thread; no other source gets its id.
  ///
  /// Also throws ``PollerError/Code/notRegistered`` (`ENOENT`).
  @inlinable
  public func deregister(_ source: borrowing some Pollable & ~Copyable) throws(PollerError) {
    let result = change(source.fileDescriptor, .remove, Watch())
    if result < 0 { throw error(of: result) }
  }

  /// Makes one wait return, as ``Poller/wake()`` does, for threads that have only the registrar.
  public func wake() throws(PollerError) {
    try core.wake()
  }
}

extension Registrar {
  // The generic functions are compiled into their callers, where interest and trigger are known; this is compiled once.
  @usableFromInline
  internal func change(_ descriptor: FileDescriptor, _ change: Change, _ watch: Watch) -> CInt {
    core.change(descriptor.rawValue, change, watch)
  }

  @usableFromInline
  internal func error(of result: CInt) -> PollerError {
    core.error(of: result, by: .change)
  }

  @usableFromInline
  internal func error(ofModifying result: CInt) -> PollerError {
    core.error(of: result, by: .modify)
  }
}
