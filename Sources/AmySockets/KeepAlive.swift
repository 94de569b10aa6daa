internal import Amy

/// The probes by which TCP checks that the peer of an idle connection is still there.
///
/// After ``idle`` without a byte, TCP sends a probe, then one each ``interval``; after ``count`` unanswered probes the
/// connection has failed with ``PollerError/Code/timedOut``. Nil keeps the socket's setting, at first the system's.
public struct KeepAlive: Hashable, Sendable {
  /// The time before the first probe: `TCP_KEEPIDLE`.
  public var idle: Duration?
  /// The time between probes: `TCP_KEEPINTVL`.
  public var interval: Duration?
  /// The number of unanswered probes: `TCP_KEEPCNT`.
  public var count: Int?

  /// Makes settings; times are rounded up to whole seconds.
  public init(idle: Duration? = nil, interval: Duration? = nil, count: Int? = nil) {
    self.idle = idle
    self.interval = interval
    self.count = count
  }
}

extension SystemSocket {
  func keepAlive() throws(PollerError) -> KeepAlive? {
    guard try isOn(.keepsAlive) else { return nil }
    return KeepAlive(
      idle: .seconds(try value(of: .keepAliveIdle)), interval: .seconds(try value(of: .keepAliveInterval)),
      count: try value(of: .keepAliveCount))
  }

  func setKeepAlive(_ keepAlive: KeepAlive?) throws(PollerError) {
    if let idle = keepAlive?.idle { try set(.keepAliveIdle, to: idle.wholeSeconds) }
    if let interval = keepAlive?.interval { try set(.keepAliveInterval, to: interval.wholeSeconds) }
    if let count = keepAlive?.count { try set(.keepAliveCount, to: count) }
    // Last: no connection is checked with half of the settings.
    try set(.keepsAlive, to: keepAlive != nil)
  }
}

extension Duration {
  /// Whole seconds, rounded up and saturating; throws ``PollerError/Code/invalidArgument`` below zero.
  var wholeSeconds: Int {
    get throws(PollerError) {
      if self < .zero { throw PollerError(.invalidArgument) }
      let (seconds, attoseconds) = components
      return Int(clamping: attoseconds > 0 && seconds < .max ? seconds + 1 : seconds)
    }
  }
}
