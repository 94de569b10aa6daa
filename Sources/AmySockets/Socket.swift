public import Amy
public import SystemPackage

/// The interface of all sockets of this module: one owner, which closes the socket.
///
/// A socket is move-only, close-on-exec and non-blocking. Its `deinit` closes it once, with close(2), which never blocks unless
/// a linger time was set. Closing a TCP stream with unread input resets the connection, and discards what the peer has not read
/// yet: see <doc:WhatTheKernelLeavesToYou>. Move a socket to any thread, or share it by borrowing: the kernel orders the
/// threads' calls.
///
/// Would-block is a result, never an error. A call that a signal interrupts is repeated.
public protocol Socket: Pollable, Sendable, ~Copyable {
  /// Takes over a socket of the right kind, unchecked.
  init(_ socket: consuming OwnedSocket)

  /// Gives up the descriptor, open: you close it. No system call.
  consuming func release() -> FileDescriptor
}

extension Socket where Self: ~Copyable {
  @inlinable
  var system: SystemSocket { SystemSocket(fileDescriptor) }

  /// The address of this end; for port 0, or on a connection from the any address, the kernel's choice.
  ///
  /// One system call, getsockname(2). A Unix socket that was never bound has ``Endpoint/unnamed``.
  public var localEndpoint: Endpoint {
    get throws(PollerError) { try system.localEndpoint() }
  }

  /// Returns the socket's pending error and clears it: `SO_ERROR`.
  ///
  /// For an event with ``Readiness/error`` and nothing to read or write; reads and writes throw the error themselves. One
  /// system call.
  public func pendingError() throws(PollerError) -> PollerError? {
    try system.pendingError()
  }

  /// The send buffer's size in bytes: `SO_SNDBUF`.
  ///
  /// Linux reports twice the size that was set, because it counts its own bookkeeping. One system call.
  public var sendBufferSize: Int {
    get throws(PollerError) { try system.value(of: .sendBufferSize) }
  }

  /// Requests a send buffer of the given size in bytes: `SO_SNDBUF`.
  ///
  /// The kernel raises a size that is too small, and silently reduces one above its limit (Linux: `net.core.wmem_max`). On
  /// Linux this also ends the kernel's own tuning. One system call. Throws ``PollerError/Code/invalidArgument`` below 0 and
  /// above 2,147,483,647.
  public func setSendBufferSize(_ bytes: Int) throws(PollerError) {
    try system.set(.sendBufferSize, to: bytes)
  }

  /// The receive buffer's size in bytes: `SO_RCVBUF`; see ``sendBufferSize``.
  public var receiveBufferSize: Int {
    get throws(PollerError) { try system.value(of: .receiveBufferSize) }
  }

  /// Requests a receive buffer of the given size in bytes: `SO_RCVBUF`.
  ///
  /// For a listener's connections, set it on the listener. Limits as in ``setSendBufferSize(_:)``; Linux: `net.core.rmem_max`.
  public func setReceiveBufferSize(_ bytes: Int) throws(PollerError) {
    try system.set(.receiveBufferSize, to: bytes)
  }
}
