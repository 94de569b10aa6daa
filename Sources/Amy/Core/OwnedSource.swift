internal import CAmy
internal import SystemPackage

/// A descriptor of the library's own that stands for something else, and its registration: for signals and for processes.
internal final class OwnedSource: Sendable {
  internal let id: Event.ID
  private let descriptor: CInt
  private let hub: Hub<SystemBackend>

  /// Takes the descriptor, also if it fails.
  internal init(_ descriptor: CInt, _ kind: OwnedKind, as id: Event.ID, with registrar: Registrar) throws(PollerError) {
    self.id = id
    self.descriptor = descriptor
    hub = registrar.hub
    hub.owned.withLock { $0.insert(descriptor, kind, for: id) }
    let result = hub.change(descriptor, .add, Watch(owned: id))
    if result < 0 { throw hub.error(of: result, by: .change) }
  }

  deinit {
    // In a forked child the number may be somebody else's.
    if hub.isForked { return }
    _ = hub.kernel.change(descriptor, .remove, Watch())
    hub.owned.withLock { $0.remove(id) }
    _ = amy_close(descriptor)
  }
}

/// What a descriptor of the library's own stands for.
package enum OwnedKind: Sendable {
  case signals, process
}

/// What the descriptors of the library's own stand for, by id.
package struct OwnedSources: Sendable {
  private var sources: [Event.ID: (descriptor: CInt, kind: OwnedKind)] = [:]

  fileprivate mutating func insert(_ descriptor: CInt, _ kind: OwnedKind, for id: Event.ID) {
    sources[id] = (descriptor, kind)
  }

  fileprivate mutating func remove(_ id: Event.ID) {
    sources[id] = nil
  }

  fileprivate func lookUp(_ id: Event.ID) -> (descriptor: CInt, kind: OwnedKind)? {
    sources[id]
  }
}

extension Watch {
  /// For a descriptor of the library's own: readable, once.
  internal init(owned id: Event.ID) {
    self.init(id: id, interest: .readable, trigger: .once, flags: Self.own)
  }
}

extension Hub where Kernel: ~Copyable {
  /// Makes of the events that descriptors of the library's own have brought what these stand for.
  ///
  /// The backend has said `process` of all of them. A batch has few of these, so it takes its time.
  internal func resolveOwned(in events: inout EventBuffer) {
    var resolved = EventBuffer(capacity: events.capacity)
    for index in events.indices {
      let event = events[index]
      guard event.kind == .process else {
        resolved.append(event)
        continue
      }
      guard let source = owned.withLock({ $0.lookUp(event.id) }) else { continue }
      switch source.kind {
      case .process: resolved.append(event)
      case .signals: takeSignals(from: source.descriptor, event.id, into: &resolved, leaving: events.count - index - 1)
      }
    }
    // Copied back, not put in its place: memory that may change costs each wait an instruction.
    events.count = 0
    resolved.forEach { events.append($0) }
  }

  /// As many as there is room for, besides so many events that follow; then whatever is left makes the next event.
  private func takeSignals(from descriptor: CInt, _ id: Event.ID, into events: inout EventBuffer, leaving rest: Int) {
    while events.count + rest < events.capacity {
      let number = amy_signals_next(descriptor)
      if number <= 0 { break }
      events.append(Event(id: id, kind: .signal(number: number)))
    }
    _ = kernel.change(descriptor, .modify, Watch(owned: id))
  }
}
