public import Amy

/// A connected stream of bytes: ``TCPStream`` or ``UnixStream``.
///
/// Write what serves both against this protocol:
///
/// ```swift
/// func echo(_ stream: borrowing some StreamSocket & ~Copyable, _ buffer: inout [UInt8]) throws(PollerError) {
///   while case .bytes(let count) = try stream.read(appendingTo: &buffer, atMost: 4096), count > 0 {
///     // ...
///   }
/// }
/// ```
///
/// A read or a write is exactly one system call (none where there is nothing to move), and allocates nothing. Both take what
/// there is and say how much it was: a write that takes less than it was given is no error.
///
/// One thread may read while another writes. Of two threads that read, each gets some of the bytes.
///
/// ## Errors
///
/// Reading and writing throw ``PollerError/Code/connectionReset`` (`ECONNRESET`; `EPIPE` without the signal, when nobody will
/// read what is written any more), ``PollerError/Code/timedOut`` (`ETIMEDOUT`), ``PollerError/Code/notConnected`` (`ENOTCONN`)
/// before a connection is made, and what the network says of it.
public protocol StreamSocket: Socket, ~Copyable {}

extension StreamSocket where Self: ~Copyable {
  /// Reads what there is, up to the free room of the span: read(2).
  ///
  /// The bytes are appended. Without room it makes no system call and returns ``ReadResult/bytes(_:)`` of 0, so that
  /// ``ReadResult/closed`` always means the end.
  @inlinable
  public func read(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try system.read(into: &room)
  }

  /// Reads what there is over the bytes of a span, from its first on: read(2).
  ///
  /// The cheapest way where what is read is worked off at once: one buffer of fixed size serves all of a thread's sockets.
  ///
  /// ```swift
  /// var room = buffer.mutableSpan
  /// if case .bytes(let count) = try stream.read(over: &room) { work(on: buffer.span.extracting(first: count)) }
  /// ```
  ///
  /// What is behind the bytes that were read stays as it was. An empty span makes no system call and returns
  /// ``ReadResult/bytes(_:)`` of 0.
  @inlinable
  public func read(over bytes: inout MutableSpan<UInt8>) throws(PollerError) -> ReadResult {
    try system.read(over: &bytes)
  }

  /// Reads what there is, at most so many bytes and no more than 16 MiB, to the end of an array; none below 1.
  ///
  /// Allocates when the array has to grow: keep it, and remove what was worked off with `removeAll(keepingCapacity: true)`.
  @inlinable
  public func read(appendingTo bytes: inout [UInt8], atMost limit: Int) throws(PollerError) -> ReadResult {
    guard limit > 0 else { return .bytes(0) }
    var result = ReadResult.wouldBlock
    try bytes.append(addingCapacity: min(limit, SystemSocket.mostRoom)) { (room: inout OutputSpan<UInt8>) throws(PollerError) in
      result = try read(into: &room)
    }
    return result
  }

  /// Reads what there is into two spans, the first filled before the second: readv(2).
  ///
  /// For a header and its payload, or for the two pieces of a ring. The result counts both.
  @inlinable
  public func read(
    into first: inout OutputSpan<UInt8>, then second: inout OutputSpan<UInt8>
  ) throws(PollerError) -> ReadResult {
    try system.read(into: &first, then: &second)
  }

  /// As ``read(into:)``, but the bytes stay where they are, for the next read: recv(2), `MSG_PEEK`.
  @inlinable
  public func peek(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try system.peek(into: &room)
  }

  /// Writes as much as the kernel takes: send(2), `MSG_NOSIGNAL`.
  ///
  /// Nothing to write makes no system call, and returns ``WriteResult/bytes(_:)`` of 0.
  @inlinable
  public func write(_ bytes: Span<UInt8>) throws(PollerError) -> WriteResult {
    try system.write(bytes)
  }

  /// Writes as much of an array as the kernel takes.
  ///
  /// See ``write(_:)-(Span<UInt8>)``.
  @inlinable
  public func write(_ bytes: [UInt8]) throws(PollerError) -> WriteResult {
    try system.write(bytes.span)
  }

  /// Writes as much of a slice as the kernel takes: what is left of an array after a short write.
  @inlinable
  public func write(_ bytes: ArraySlice<UInt8>) throws(PollerError) -> WriteResult {
    try system.write(bytes.span)
  }

  /// Writes one span and then another as if they were one: sendmsg(2), one system call.
  ///
  /// For a header and its payload. The result counts both, and may end anywhere in them.
  @inlinable
  public func write(_ first: Span<UInt8>, then second: Span<UInt8>) throws(PollerError) -> WriteResult {
    try system.write(first, then: second)
  }

  /// Writes several arrays one after the other, in one system call: sendmsg(2).
  ///
  /// - Parameters:
  ///   - segments: At most 64 that are not empty go in one call, and the rest is a short write. Only borrowed: nothing is
  ///     copied or allocated.
  ///   - offset: How many bytes at the front of all of them were written before; below 0 counts as 0. So after a
  ///     short write, call again with the same segments and the sum of what was written.
  ///
  /// - Returns: How much was written, the offset not counted in. With nothing left to write it makes no system call and
  ///   returns ``WriteResult/bytes(_:)`` of 0.
  /// - Throws: What all writing throws.
  public func write(segments: [[UInt8]], skipping offset: Int = 0) throws(PollerError) -> WriteResult {
    try system.write(segments: segments, skipping: offset)
  }

  /// Ends one direction, or both, and keeps the socket: shutdown(2).
  ///
  /// After ``ShutdownDirection/writing`` the peer reads what was sent before, and then the end: the first step of a close that
  /// loses nothing, see <doc:WhatTheKernelLeavesToYou>. Throws ``PollerError/Code/notConnected`` when the peer is gone already.
  public func shutdown(_ direction: ShutdownDirection) throws(PollerError) {
    try system.shutdown(direction)
  }

  /// Whether a connect that was begun has ended: ask when the socket becomes writable.
  ///
  /// Throws when it failed: ``PollerError/Code/connectionRefused`` (`ECONNREFUSED`), ``PollerError/Code/timedOut``,
  /// ``PollerError/Code/unreachable``, ``PollerError/Code/connectionReset``; and ``PollerError/Code/notConnected`` for a
  /// connection that failed before and whose error was told.
  ///
  /// A TCP socket that has met itself is refused (``PollerError/Code/connectionRefused``): the kernel may take the local port
  /// of a connection to this machine from the same range as the port that it is to, and if nobody listens there, and it takes
  /// just that one, the connection is to itself, and reads what it writes. Drop it, and try again later.
  ///
  /// Up to four system calls: poll(2), `SO_ERROR`, getpeername(2), getsockname(2).
  public func connectResult() throws(PollerError) -> ConnectResult {
    try system.connectResult()
  }

  /// The address of the other end.
  ///
  /// One system call, getpeername(2).
  ///
  /// Throws ``PollerError/Code/notConnected`` (`ENOTCONN`) before there is a connection, and on some kernels after it.
  public var peerEndpoint: Endpoint {
    get throws(PollerError) { try system.peerEndpoint() }
  }

  /// How long a close may block while what was written has not arrived, or nil for no time: `SO_LINGER`.
  public var linger: Duration? {
    get throws(PollerError) { try system.linger() }
  }

  /// Sets how long a close may block, in whole seconds rounded up: `SO_LINGER`.
  ///
  /// One system call.
  ///
  /// Nil, the default, closes at once and lets the kernel send on, unless something that has arrived was not read: then closing
  /// resets a TCP connection, by whatever linger time, and what the peer has not read yet of the last answer is lost. Shut down
  /// writing first, and read on to the end, within bounds: see <doc:WhatTheKernelLeavesToYou>. Zero throws away what was not
  /// sent, and resets a TCP connection. Anything else makes closing block its thread, also a non-blocking socket's; what is
  /// longer than the kernel counts is as long as it counts. Throws ``PollerError/Code/invalidArgument`` below zero.
  public func setLinger(_ duration: Duration?) throws(PollerError) {
    try system.setLinger(duration)
  }
}
