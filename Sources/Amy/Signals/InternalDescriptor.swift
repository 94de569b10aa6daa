internal import CAmy
internal import SystemPackage

/// The library's own descriptors for signals or a child process; the last reference closes them.
///
/// Only the holder of the table's lock reads and watches them: nothing is read, changed or taken after it was given up, or its
/// number reused.
package final class InternalDescriptor: Sendable {
  /// The id that its events carry.
  internal let id: Event.ID
  /// What the kernel reports instead of `id`, and what owns the signals: no other source has it.
  fileprivate let key = Event.ID.next()
  /// Empty for a child.
  fileprivate let signals: Signals
  /// A signalfd, a pidfd, or an inner kqueue.
  private let descriptor: CInt
  /// Reports signals that a handler has caught; 0 if there is none.
  private let waker: CInt
  private let forkDetector: ForkDetector

  internal init(_ signals: Signals, as id: Event.ID, _ forkDetector: ForkDetector) throws(PollerError) {
    let descriptor = amy_signals_open(signals.rawValue)
    if descriptor < 0 { throw PollerError(result: descriptor, of: .signals) }
    let waker = amy_signals_open_caught(forkDetector.address)
    if waker < 0 {
      _ = amy_close(descriptor)
      throw PollerError(result: waker, of: .signals)
    }
    (self.id, self.signals, self.descriptor, self.waker, self.forkDetector) = (id, signals, descriptor, waker, forkDetector)
  }

  internal init(_ process: CInt, as id: Event.ID, _ forkDetector: ForkDetector) throws(PollerError) {
    let descriptor = amy_child_open(process)
    if descriptor < 0 { throw PollerError(result: descriptor, of: .child) }
    (self.id, signals, self.descriptor, waker, self.forkDetector) = (id, [], descriptor, 0, forkDetector)
  }

  deinit {
    // In a forked child the numbers may have been reused.
    if forkDetector.isForked { return }
    _ = amy_close(descriptor)
    if waker > 0 { _ = amy_close(waker) }
  }
}

// MARK: Ownership of signals

extension InternalDescriptor {
  /// Claims all of its signals, the replaced source's included, or none.
  fileprivate func claim(from old: InternalDescriptor?) -> Bool {
    let inherited = signals.intersection(old?.signals ?? [])
    let free = signals.subtracting(inherited)
    let claimed = pass(free, from: 0, to: key.rawValue)
    if claimed != free {
      _ = pass(claimed, from: key.rawValue, to: 0)
      return false
    }
    if let old { _ = pass(inherited, from: old.key.rawValue, to: key.rawValue) }
    amy_signals_catch(signals.rawValue)
    return true
  }

  /// Undoes ``claim(from:)``.
  fileprivate func unclaim(to old: InternalDescriptor?) {
    if let old { _ = pass(signals.intersection(old.signals), from: key.rawValue, to: old.key.rawValue) }
    unclaim()
  }

  fileprivate func unclaim() {
    _ = pass(signals, from: key.rawValue, to: 0)
  }

  private func pass(_ signals: Signals, from: UInt64, to: UInt64) -> Signals {
    Signals(rawValue: amy_signals_pass(forkDetector.address, signals.rawValue, from, to))
  }
}

// MARK: What the kernel watches

extension InternalDescriptor {
  fileprivate func watch(by kernel: borrowing some Backend & ~Copyable) -> SystemCallResult {
    let result = kernel.change(descriptor, .add, Watch(internal: key, trigger: .once))
    if result < 0 || waker == 0 { return result }
    // Never read, like the poller's waker.
    let waking = kernel.change(waker, .add, Watch(internal: key, trigger: .edge))
    if waking < 0 { _ = kernel.change(descriptor, .remove, Watch()) }
    return waking
  }

  fileprivate func unwatch(by kernel: borrowing some Backend & ~Copyable) {
    _ = kernel.change(descriptor, .remove, Watch())
    if waker > 0 { _ = kernel.change(waker, .remove, Watch()) }
  }

  fileprivate func takeSignal() -> CInt? {
    let pending = amy_signals_next(descriptor)
    if pending > 0 { return pending }
    let caught = amy_signals_next_caught(forkDetector.address, signals.rawValue)
    return caught > 0 ? caught : nil
  }

  /// What is left makes the next event.
  fileprivate func rearm(by kernel: borrowing some Backend & ~Copyable, isEmpty: Bool) {
    _ = kernel.change(descriptor, .modify, Watch(internal: key, trigger: .once))
    if !isEmpty, waker > 0 { _ = kernel.change(waker, .modify, Watch(internal: key, trigger: .edge)) }
  }
}

extension Watch {
  /// A watch of one of the library's own descriptors.
  fileprivate init(internal key: Event.ID, trigger: Trigger) {
    self.init(id: key, interest: .readable, trigger: trigger, flags: Self.own)
  }
}

// MARK: The table

package struct InternalDescriptors: Sendable {
  private var byKey: [Event.ID: InternalDescriptor] = [:]
  private var byID: [Event.ID: InternalDescriptor] = [:]
  /// Sources with signals to read, while events are resolved.
  private var ready: [InternalDescriptor] = []

  /// Replaces the source with the same id; an error changes nothing.
  fileprivate mutating func enter<Kernel: Backend & ~Copyable>(
    _ source: InternalDescriptor, of core: borrowing PollerCore<Kernel>
  ) -> PollerError? {
    // After a refusal nothing may stay here.
    guard core.liveness.isUsable else { return core.liveness.refusal }
    let old = byID[source.id]
    guard source.claim(from: old) else { return PollerError(.alreadyRegistered) }
    let result = source.watch(by: core.kernel)
    guard result >= 0 else {
      source.unclaim(to: old)
      return core.error(of: result, by: .change)
    }
    if let old { remove(old, of: core) }
    byKey[source.key] = source
    byID[source.id] = source
    return nil
  }

  /// A source may have been removed already.
  fileprivate mutating func remove<Kernel: Backend & ~Copyable>(
    _ source: InternalDescriptor, of core: borrowing PollerCore<Kernel>
  ) {
    guard byKey.removeValue(forKey: source.key) != nil else { return }
    byID[source.id] = nil
    source.unwatch(by: core.kernel)
    source.unclaim()
  }

  /// Gives up their signals as well.
  package mutating func removeAll() {
    for source in byKey.values { source.unclaim() }
    self = InternalDescriptors()
  }
}

/// Keeps a source in its poller's table while this value lives.
internal struct InternalDescriptorLink: ~Copyable, Sendable {
  internal let source: InternalDescriptor
  private let core: PollerCore<SystemBackend>

  internal init(_ source: InternalDescriptor, _ core: PollerCore<SystemBackend>) throws(PollerError) {
    if let error = core.internals.locked.enter(source, of: core) { throw error }
    (self.source, self.core) = (source, core)
  }

  internal var isForked: Bool { core.isForked }

  deinit {
    // In a forked child the lock may be held for ever, and the queue is the parent's.
    if !isForked { core.internals.locked.remove(source, of: core) }
  }
}

// MARK: Events

extension PollerCore where Kernel: ~Copyable {
  /// Replaces events of the library's own descriptors with those of what they stand for.
  ///
  /// The backend has given all of them the kind `process`.
  internal func resolveInternal(in events: inout EventBuffer) {
    internals.locked.resolve(&events, by: kernel)
  }
}

extension InternalDescriptors {
  /// Works in place: signals take the room that all other events leave.
  fileprivate mutating func resolve(_ events: inout EventBuffer, by kernel: borrowing some Backend & ~Copyable) {
    events.replaceEach { event in
      guard case .process = event.kind else { return event }
      // A source with an unknown key was removed while its event was under way.
      guard let source = byKey[event.id] else { return nil }
      if source.signals.isEmpty { return Event(id: source.id, kind: .process) }
      ready.append(source)
      return nil
    }
    for source in ready {
      while events.count < events.capacity, let number = source.takeSignal() {
        events.append(Event(id: source.id, kind: .signal(number: number)))
      }
      source.rearm(by: kernel, isEmpty: events.count < events.capacity)
    }
    ready.removeAll(keepingCapacity: true)
  }
}
