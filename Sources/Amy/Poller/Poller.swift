public import SystemPackage

/// The waiting half of Amy, which reports events of the descriptors that its registrars register.
///
/// ```swift
/// let poller = try Poller()
/// let registrar = poller.registrar  // copy it to any thread
/// let id = try registrar.register(socket, for: .readable)
///
/// var events = EventBuffer()
/// while true {
///   try poller.wait(into: &events, timeout: .seconds(5))
///   for index in events.indices where events[index].id == id {
///     print("ready:", events[index].readiness)
///   }
/// }
/// ```
///
/// Any number of threads may wait on one poller, and any thread may register meanwhile: the kernel is the only channel between
/// them, so registering wakes no thread and, with epoll, takes no lock. A poller starts no thread and calls no code of yours:
/// it is a building block for an event loop.
///
/// With epoll, a poller has two descriptors, and a third once a timer needs the kernel's alarm, however much is registered. All
/// are close-on-exec, and are closed when the poller and the last copy of its registrar are gone, including those inside
/// registrations; a channel's end or a user event keeps nothing open. Dropping the poller closes it, and Swift drops a value
/// after its last use, even before its scope ends: keep it in a property, or wait on it.
///
/// In a forked child, waiting, waking and registering throw. While such a child lives without `exec`, its copies of the
/// descriptors keep what is registered alive, even what the parent has closed: epoll(7).
public final class Poller: Sendable {
  package let core: PollerCore<SystemBackend>

  /// A poller with nothing registered.
  ///
  /// Three system calls, and two more for the process's first poller.
  ///
  /// - Parameter isEmbedded: Whether another loop watches ``fileDescriptor``, and waits here with a timeout of zero when that
  ///   is readable. Amy cannot see that loop sleep, so messages, user events and timers always reach the kernel, even if no
  ///   thread waits: a write, or a move of the kernel's alarm, for the first of each batch.
  /// - Throws: ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`), ``PollerError/Code/watchLimit`` (`ENOSPC`), and
  ///   ``PollerError/Code/outOfMemory`` (`ENOMEM`); what was opened is closed.
  public init(isEmbedded: Bool = false) throws(PollerError) {
    let forkDetector = try ForkDetector()
    core = PollerCore(try SystemBackend(forkDetector), forkDetector, isEmbedded: isEmbedded)
  }

  deinit {
    core.close()
  }

  /// The half that registers: a value to copy to any thread.
  ///
  /// It outlives the poller, and then throws ``PollerError/Code/closed``. No system call, nothing allocated.
  public var registrar: Registrar { Registrar(core) }

  /// Waits until there are events, and writes them into the caller's buffer.
  ///
  /// Returns without events after the timeout or ``wake()``; a signal does not end it. Events beyond the buffer's capacity come
  /// with the next waits: none are held back here.
  ///
  /// With several waiting threads, each ``Trigger/once`` or ``Trigger/edge`` event goes to exactly one of them; give each its
  /// own buffer. Blocks its thread: call it on one of your own, never on Swift's cooperative pool.
  ///
  /// One system call: `epoll_pwait2`, or `epoll_wait` for a timeout of nil or zero. Nothing is allocated.
  ///
  /// - Parameters:
  ///   - events: Emptied first, then filled. Keep it for the next wait.
  ///   - timeout: How long to wait for the first event. Nil waits forever, as does more than 584 years; zero or less polls
  ///     without waiting; any other is never cut short, and is rounded up to nanoseconds. It counts on the monotonic clock that
  ///     stops while the system is suspended, as `SuspendingClock` does.
  /// - Throws: ``PollerError/Code/closed`` once ``close()`` was called, ``PollerError/Code/forked`` in a forked child, and
  ///   ``PollerError/Code/badDescriptor`` (`EBADF`, `EINVAL`) if other code has closed the poller's number. A wait that has
  ///   events returns them, and the next throws. After an error the buffer is empty.
  @inlinable
  @available(*, noasync, message: "wait blocks its thread: call it on a thread of its own")
  public func wait(into events: inout EventBuffer, timeout: Duration? = nil) throws(PollerError) {
    let result = if let timeout { wait(into: &events, for: timeout) } else { waitForever(into: &events) }
    if result < 0 { throw error(of: result) }
  }

  /// Waits as ``wait(into:timeout:)`` does, but polls for some time before it sleeps.
  ///
  /// Waking a thread on another processor takes some 25 µs on common systems, by any means; a polling thread sees a message in
  /// well under 1 µs. It keeps a processor busy, with about one system call a microsecond: worth it for a thread with a
  /// processor of its own, harmful where threads share one.
  ///
  /// - Parameters:
  ///   - events: Emptied first, then filled.
  ///   - timeout: Includes the time spent polling.
  ///   - spinning: How long to poll before sleeping.
  /// - Throws: What ``wait(into:timeout:)`` throws.
  @available(*, noasync, message: "wait blocks its thread: call it on a thread of its own")
  public func wait(into events: inout EventBuffer, timeout: Duration? = nil, spinning: Duration) throws(PollerError) {
    let result = core.wait(into: &events, timeout: timeout, spinning: spinning)
    if result < 0 { throw core.error(of: result, by: .wait) }
  }

  // The most common wait, without a timeout, stays short: the caller knows which it needs.
  @usableFromInline
  internal func waitForever(into events: inout EventBuffer) -> CInt {
    core.wait(into: &events)
  }

  @usableFromInline
  internal func wait(into events: inout EventBuffer, for timeout: Duration) -> CInt {
    core.wait(into: &events, timeout: timeout)
  }

  @usableFromInline
  internal func error(of result: CInt) -> PollerError {
    core.error(of: result, by: .wait)
  }

  /// Makes one wait return: a current one, or else the next.
  ///
  /// Wakes count as one until a wait that they ended has returned. From any thread: no lock is taken, nothing is allocated. One
  /// system call: a write of 8 bytes, which is never read.
  ///
  /// Throws ``PollerError/Code/closed`` and ``PollerError/Code/forked``.
  public func wake() throws(PollerError) {
    try core.wake()
  }

  /// Ends every current and future wait, and all registering, with ``PollerError/Code/closed``.
  ///
  /// From any thread, any number of times. Two system calls. Registered descriptors stay open: their owners close them. In a
  /// forked child it does nothing.
  public func close() {
    core.close()
  }
}

extension Poller: Pollable {
  /// The kernel's queue, for another loop to watch (GLib, NIO, another ``Poller``): readable whenever a wait with a timeout of
  /// zero would find something.
  ///
  /// By edge or once, wait until no more events come before you return to that loop; by level one wait is enough. Do not read,
  /// write, or close it. A mere wake, or an unrequested hang-up, may make it readable, too: the wait then returns no event.
  /// Linux allows five pollers inside one another. In a forked child the number is that of the parent's queue, or of whatever
  /// the child has opened since.
  public var fileDescriptor: FileDescriptor { FileDescriptor(rawValue: core.kernel.descriptor) }
}
