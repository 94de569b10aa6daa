public import SystemPackage

/// Waits for what the kernel has to tell of the descriptors that its registrars registered.
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
/// Any number of threads may wait on one poller, and any thread may register while they do: the kernel is the only channel
/// between the two, so nobody is woken to register, and no lock is taken. A poller starts no thread and calls no code of
/// yours: it is not an event loop, but what one is made of.
///
/// A poller has two descriptors, both close-on-exec, however much is registered. They are closed when the poller and the last
/// copy of its registrar, those inside registrations included, are gone; who has a channel's end or a user event keeps nothing
/// open. Dropping the poller closes it, and Swift drops what is not used any more before its scope
/// ends: keep it in a property, or wait on it.
///
/// A forked child can do nothing with it: each call throws. As long as such a child lives without `exec`, its copies of the
/// descriptors keep what is registered alive, also what the parent has closed. See epoll(7).
public final class Poller: Sendable {
  package let core: PollerCore<SystemBackend>

  /// A poller with nothing registered.
  ///
  /// Three system calls, and two more for the process's first poller.
  ///
  /// - Parameter isEmbedded: Another loop is going to watch ``fileDescriptor``, and comes to wait with a timeout of
  ///   zero when that is readable. It sleeps where Amy cannot see it; so its messages, user events and timers are signalled to
  ///   the kernel whether a thread waits here or not: a write, or a move of the kernel's alarm, for the first of each batch.
  /// - Throws: ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`), ``PollerError/Code/watchLimit`` (`ENOSPC`), and
  ///   ``PollerError/Code/outOfMemory`` (`ENOMEM`); what was opened until then is closed.
  public init(isEmbedded: Bool = false) throws(PollerError) {
    let forkDetector = try ForkDetector()
    core = PollerCore(try SystemBackend(forkDetector), forkDetector, isEmbedded: isEmbedded)
  }

  deinit {
    core.close()
  }

  /// The poller's other half, which registers: a value to copy to any thread.
  ///
  /// It outlives the poller: then it throws ``PollerError/Code/closed``. No system call, nothing allocated.
  public var registrar: Registrar { Registrar(core) }

  /// Waits until there is something to tell, and writes it into a buffer of the caller's.
  ///
  /// Returns with no events when the time is over or when ``wake()`` ended the wait. A signal does not end it. What the kernel
  /// has beyond the buffer's capacity comes with the next waits: nothing is kept back here.
  ///
  /// Of several threads that wait, each event of trigger ``Trigger/once`` or ``Trigger/edge`` goes to one; give each thread its
  /// own buffer. Blocks its thread: call it on one of your own, never on Swift's cooperative pool.
  ///
  /// One system call: `epoll_pwait2`, or `epoll_wait` for a timeout of nil or zero. Nothing is allocated.
  ///
  /// - Parameters:
  ///   - events: Emptied first, then filled. Keep it, and hand it in again.
  ///   - timeout: How long to wait for the first event. Nil waits for ever, and so does what is longer than 584 years; zero or
  ///     less looks and does not wait; any other is never cut short, has nanosecond resolution, and is rounded up. Counted on
  ///     the monotonic clock that stops while the system is suspended, as `SuspendingClock` does.
  /// - Throws: ``PollerError/Code/closed`` once ``close()`` was called, ``PollerError/Code/forked`` in a forked child, and
  ///   ``PollerError/Code/badDescriptor`` (`EBADF`, `EINVAL`) where somebody has closed the poller's own number. A wait that
  ///   has events returns them and throws nothing; the failure shows in the next. After an error the buffer is empty.
  @inlinable
  @available(*, noasync, message: "wait blocks its thread: call it on a thread of its own")
  public func wait(into events: inout EventBuffer, timeout: Duration? = nil) throws(PollerError) {
    let result = if let timeout { wait(into: &events, for: timeout) } else { waitForever(into: &events) }
    if result < 0 { throw error(of: result) }
  }

  /// Waits as ``wait(into:timeout:)`` does, and for some time looks again and again before it sleeps.
  ///
  /// To be woken on another processor takes a thread some 25 µs on common systems, by any means; one that looks hears of a
  /// message in well under 1 µs. The price is a processor that is busy meanwhile, with one system call a microsecond or so:
  /// worth it where a thread has a processor of its own, harmful where threads share one.
  ///
  /// - Parameters:
  ///   - events: Emptied first, then filled.
  ///   - timeout: Counts from the call, what is spent looking included.
  ///   - spinning: How long to look before sleeping.
  /// - Throws: What ``wait(into:timeout:)`` throws.
  @available(*, noasync, message: "wait blocks its thread: call it on a thread of its own")
  public func wait(into events: inout EventBuffer, timeout: Duration? = nil, spinning: Duration) throws(PollerError) {
    let result = core.wait(into: &events, timeout: timeout, spinning: spinning)
    if result < 0 { throw core.error(of: result, by: .wait) }
  }

  // Two functions, so that waiting without end, which is done most, stays short: which one it is the caller knows.
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

  /// Makes one wait return: that of some thread which waits now, or else the next.
  ///
  /// Wakes add up to one until a wait that they ended has returned. From any thread: no lock is taken, nothing is allocated.
  /// One system call: a write of 8 bytes, which is never read.
  ///
  /// Throws ``PollerError/Code/closed`` and ``PollerError/Code/forked``.
  public func wake() throws(PollerError) {
    try core.wake()
  }

  /// Ends every current and coming wait, and all registering, with ``PollerError/Code/closed``.
  ///
  /// From any thread, and as often as you like. What was registered stays open: it is its owner's. Two system calls. In a
  /// forked child it does nothing.
  public func close() {
    core.close()
  }
}

extension Poller: Pollable {
  /// The kernel's queue, to be watched by another loop (GLib, NIO, another ``Poller``): readable whenever a wait with a
  /// timeout of zero would find something.
  ///
  /// By edge or once, wait until nothing more comes before you go back to the other loop; by level one wait each is enough.
  /// Do not read, write, or close it. It may also be readable when there is only a wake, or a hang-up that nobody asked for:
  /// the wait then returns no event. Linux allows five pollers inside one another. In a forked child the number is that of the
  /// parent's queue, or of whatever the child has opened since.
  public var fileDescriptor: FileDescriptor { FileDescriptor(rawValue: core.kernel.descriptor) }
}
