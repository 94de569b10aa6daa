public import Amy

extension TCPStream {
  /// How long written bytes may wait for the peer to take them; nil for the system's setting: `TCP_USER_TIMEOUT`.
  ///
  /// One system call. Throws ``PollerError/Code/unsupported`` where the option does not exist.
  public var userTimeout: Duration? {
    get throws(PollerError) { try system.userTimeout() }
  }

  /// Sets how long written bytes may wait for the peer to take them; nil for the system's setting: `TCP_USER_TIMEOUT`.
  ///
  /// After that time the connection has failed: the stream is reported as readable, writable, closed in both directions and in
  /// error, as far as you asked for these, and the next call throws ``PollerError/Code/timedOut`` (`ETIMEDOUT`). Without the
  /// option, Linux waits about a quarter of an hour for a vanished peer (`net.ipv4.tcp_retries2`), and for ever for a live one
  /// that does not read. The kernel checks only when it sends again, so it can be late, by the same time again and more.
  ///
  /// The time counts only while written bytes wait, and also bounds connecting; for an idle connection use
  /// ``setKeepAlive(_:)``. (With both set, it also decides on Linux when probes were unanswered for too long.)
  ///
  /// Linux only. Darwin's nearest options are `TCP_RXT_CONNDROPTIME` and `TCP_CONNECTIONTIMEOUT`, in seconds: set them with
  /// setsockopt(2).
  ///
  /// - Parameter timeout: In milliseconds, rounded up; 1 ms to 24 days.
  /// - Throws: ``PollerError/Code/invalidArgument`` for any other time, ``PollerError/Code/unsupported`` where the option does
  ///   not exist. One system call.
  public func setUserTimeout(_ timeout: Duration?) throws(PollerError) {
    try system.setUserTimeout(timeout)
  }
}

extension ListeningSocket where Stream == TCPStream {
  /// How long bytes written to accepted connections may wait: see ``TCPStream/setUserTimeout(_:)``.
  public var userTimeout: Duration? {
    get throws(PollerError) { try system.userTimeout() }
  }

  /// Sets ``TCPStream/setUserTimeout(_:)`` for new connections, which inherit it.
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
  /// Whole milliseconds, rounded up, saturating; zero if negative.
  fileprivate var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    let rest = attoseconds / 1_000_000_000_000_000 + (attoseconds % 1_000_000_000_000_000 == 0 ? 0 : 1)
    return seconds > Int64(Int32.max) ? .max : Int(seconds * 1_000 + rest)
  }
}
