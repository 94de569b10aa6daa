public import Amy
public import SystemPackage

/// What all sockets of this module have in common: one owner, who closes it, and two ends.
///
/// A socket is move-only. It is close-on-exec and non-blocking, and is closed, once, when its owner goes: with close(2) in
/// `deinit`, which never blocks unless a linger time was set. Closing a TCP stream of which something was not read resets the
/// connection, and cuts what the peer has still to read: see <doc:WhatTheKernelLeavesToYou>. It can be moved to any thread, and
/// used by several at a time where they share it by borrowing: the kernel puts the calls in an order.
///
/// Would-block is a value of the results, never an error. A call that a signal interrupts is made again.
public protocol Socket: Pollable, Sendable, ~Copyable {
  /// Takes over a socket of the right kind. Nothing is checked.
  init(_ socket: consuming OwnedSocket)

  /// Gives the descriptor up, open: nobody closes it but you. No system call.
  consuming func release() -> FileDescriptor
}

extension Socket where Self: ~Copyable {
  /// The system calls.
  @inlinable
  var system: SystemSocket { SystemSocket(fileDescriptor) }

  /// The address of this end; the one that the kernel chose, where port 0 or the any address was asked for.
  ///
  /// One system call, getsockname(2). A Unix socket that was never bound has ``Endpoint/unnamed``.
  public var localEndpoint: Endpoint {
    get throws(PollerError) { try system.localEndpoint() }
  }

  /// Takes the error that the kernel keeps for this socket, and leaves none: `SO_ERROR`.
  ///
  /// For when an event said ``Readiness/error`` and nothing is to be read or written. Reads and writes throw it by themselves.
  /// One system call.
  public func pendingError() throws(PollerError) -> PollerError? {
    try system.pendingError()
  }

  /// How many bytes the kernel keeps of what was sent and has not left: `SO_SNDBUF`.
  ///
  /// Linux tells twice of what was set: it counts its own bookkeeping in. One system call.
  public var sendBufferSize: Int {
    get throws(PollerError) { try system.value(of: .sendBufferSize) }
  }

  /// Asks for a send buffer of that many bytes: `SO_SNDBUF`.
  ///
  /// The kernel raises what is too little and, silently, cuts what is more than it allows (Linux: `net.core.wmem_max`). On
  /// Linux it also ends the kernel's own tuning of the size. One system call. Throws ``PollerError/Code/invalidArgument`` for
  /// less than 0 and more than 2,147,483,647.
  public func setSendBufferSize(_ bytes: Int) throws(PollerError) {
    try system.set(.sendBufferSize, to: bytes)
  }

  /// How many bytes the kernel keeps of what has arrived and was not read: `SO_RCVBUF`.
  ///
  /// See ``sendBufferSize``.
  public var receiveBufferSize: Int {
    get throws(PollerError) { try system.value(of: .receiveBufferSize) }
  }

  /// Asks for a receive buffer of that many bytes: `SO_RCVBUF`.
  ///
  /// For a listener's connections set it on the listener. Limits as in ``setSendBufferSize(_:)``; Linux: `net.core.rmem_max`.
  public func setReceiveBufferSize(_ bytes: Int) throws(PollerError) {
    try system.set(.receiveBufferSize, to: bytes)
  }
}
