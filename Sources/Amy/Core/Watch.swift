/// What to watch a descriptor for, and under which id, in two words that can be read back without a table.
///
/// They are epoll(7)'s, and other backends translate them. Interest and trigger are mostly constants, so the compiler computes
/// this at the call.
@usableFromInline
package struct Watch: Sendable {
  /// Directions and trigger in epoll's bits; reading includes that the peer has stopped writing.
  @usableFromInline
  package let events: UInt32
  /// What comes back with each event: 60 bits of id, then the interest in the low four.
  @usableFromInline
  package let data: UInt64

  /// Interest in nothing fires once: by level, a kernel that reports unrequested hang-ups would report them forever.
  @inlinable
  @inline(__always)
  package init(id: Event.ID, interest: Interest, trigger: Trigger) {
    let directions = UInt32(interest.rawValue & Self.interestMask)
    let peerClosed = interest.contains(.readable) ? Self.peerClosed : 0
    let mode = directions == 0 ? Self.once : trigger.mode
    events = directions | peerClosed | mode
    data = id.rawValue &<< 4 | UInt64(directions)
  }

  /// The flags are among the low four bits of the data.
  package init(id: Event.ID, interest: Interest, trigger: Trigger, flags: UInt64) {
    let watch = Watch(id: id, interest: interest, trigger: trigger)
    events = watch.events
    data = watch.data | flags
  }

  /// Readable by level, where others watch the same source: new readiness wakes one of them.
  ///
  /// epoll takes the bit only when adding, without `once` and the peer's end.
  @inlinable
  package init(shared id: Event.ID) {
    events = UInt32(Interest.readable.rawValue) | Self.exclusive
    data = id.rawValue &<< 4 | UInt64(Interest.readable.rawValue)
  }

  @inlinable
  package init() {
    events = 0
    data = 0
  }

  @inlinable
  package static var interestMask: UInt8 { 0b111 }
  /// Among the low four bits: the descriptor is the poller's own, and the other bits say which.
  @inlinable
  package static var own: UInt64 { 0b1000 }
  @inlinable
  package static var peerClosed: UInt32 { 1 << 13 }
  @inlinable
  package static var exclusive: UInt32 { 1 << 28 }
  @inlinable
  package static var once: UInt32 { 1 << 30 }
  @inlinable
  package static var edge: UInt32 { 1 << 31 }
}

extension Trigger {
  @inlinable
  internal var mode: UInt32 {
    switch self {
    case .once: Watch.once
    case .edge: Watch.edge
    case .level: 0
    }
  }
}

extension Watch {
  package var id: Event.ID { Event.ID(assuming: data >> 4) }

  /// Without unknown bits.
  package var interest: Interest { Interest(rawValue: UInt8(truncatingIfNeeded: data) & Self.interestMask) }

  /// Whether new readiness wakes one of several watchers.
  package var isShared: Bool { events & Self.exclusive != 0 }

  /// `once` for interest in nothing.
  package var trigger: Trigger {
    if events & Self.once != 0 { return .once }
    return events & Self.edge != 0 ? .edge : .level
  }
}
