public import Amy

// How long TCP waits for a peer that takes nothing: TCP_USER_TIMEOUT.

extension TCPStream {
  /// How long what was written may wait for the peer to take it, or nil for what the system is set to: `TCP_USER_TIMEOUT`.
  ///
  /// One system call. Throws ``PollerError/Code/unsupported`` where there is no such option.
  public var userTimeout: Duration? {
    get throws(PollerError) { try system.userTimeout() }
  }

  /// Sets how long what was written may wait for the peer to take it; nil for what the system is set to: `TCP_USER_TIMEOUT`.
  ///
  /// When it was longer the connection has failed: the stream is told of as readable, writable, closed in both directions and
  /// in error, as asked for, and the next call throws ``PollerError/Code/timedOut`` (`ETIMEDOUT`). Without it Linux gives a
  /// vanished peer about a quarter of an hour (`net.ipv4.tcp_retries2`), and one that lives but does not read all the time in
  /// the world; this ends both. The kernel looks when it sends again, so it can be late, by as much again and more.
  ///
  /// It counts only while something that was written waits: for an idle connection there is ``setKeepAlive(_:)``. (Where both
  /// are set, Linux also lets this decide when probes went without an answer for too long.) While a connection is being made,
  /// it bounds that, too.
  ///
  /// Linux only. Darwin has `TCP_RXT_CONNDROPTIME` and `TCP_CONNECTIONTIMEOUT` for what is near to it, in seconds: set them
  /// with setsockopt(2).
  ///
  /// - Parameter timeout: In milliseconds, rounded up; 1 ms to 24 days.
  /// - Throws: ``PollerError/Code/invalidArgument`` for any other time, ``PollerError/Code/unsupported`` where there is no such
  ///   option. One system call.
  public func setUserTimeout(_ timeout: Duration?) throws(PollerError) {
    try system.setUserTimeout(timeout)
  }
}

extension ListeningSocket where Stream == TCPStream {
  /// How long what is written to the connections that it takes may wait: see ``TCPStream/setUserTimeout(_:)``.
  public var userTimeout: Duration? {
    get throws(PollerError) { try system.userTimeout() }
  }

  /// Sets ``TCPStream/setUserTimeout(_:)`` for the connections that come from now on: they inherit it.
  public func setUserTimeout(_ timeout: Duration?) throws(PollerError) {
    try system.setUserTimeout(timeout)
  }
}

extension SystemSocket {
  fileprivate func userTimeout() throws(PollerError) -> Duration? {
    let milliseconds = try value(of: .userTimeout)
    return milliseconds == 0 ? nil : .milliseconds(milliseconds)
  }

  fileprivate func setUserTimeout(_ timeout: Duration?) throws(PollerError) {
    let milliseconds = timeout?.wholeMilliseconds ?? 0
    if timeout != nil, milliseconds == 0 { throw PollerError(.invalidArgument) }
    try set(.userTimeout, to: milliseconds)
  }
}

extension Duration {
  /// Rounded up, saturating; below zero is zero.
  fileprivate var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let rest = attoseconds / 1_000_000_000_000_000 + (attoseconds % 1_000_000_000_000_000 == 0 ? 0 : 1)
    return seconds > Int64(Int32.max) ? .max : Int(seconds * 1_000 + rest)
  }
}
