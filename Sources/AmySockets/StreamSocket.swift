public import Amy

/// A connected stream of bytes: ``TCPStream`` or ``UnixStream``.
///
/// Write code for both against this protocol:
///
/// ```swift
/// func echo(_ stream: borrowing some StreamSocket & ~Copyable, _ buffer: inout [UInt8]) throws(PollerError) {
///   while case .bytes(let count) = try stream.read(appendingTo: &buffer, atMost: 4096), count > 0 {
///     // ...
///   }
/// }
/// ```
///
/// A read or a write is exactly one system call (none if there is nothing to move), allocates nothing, and moves as many bytes
/// as it can: a short write is not an error.
///
/// One thread may read while another writes. If two threads read, each gets some of the bytes.
///
/// ## Errors
///
/// Reads and writes throw ``PollerError/Code/connectionReset`` (`ECONNRESET`; `EPIPE` without the signal, when nothing reads
/// the written bytes any more), ``PollerError/Code/timedOut`` (`ETIMEDOUT`), ``PollerError/Code/notConnected`` (`ENOTCONN`)
/// before there is a connection, and the network's other errors.
public protocol StreamSocket: Socket, ~Copyable {}

extension StreamSocket where Self: ~Copyable {
  /// Appends the available bytes to a span, up to its free room: read(2).
  ///
  /// Without free room, returns ``ReadResult/bytes(_:)`` of 0 without a system call, so that ``ReadResult/closed`` is always
  /// the end.
  @inlinable
  public func read(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try system.read(into: &room)
  }

  /// Reads the available bytes over those of a span, from the first on: read(2).
  ///
  /// The cheapest way to process bytes at once: one buffer of fixed size serves all of a thread's sockets.
  ///
  /// ```swift
  /// var room = buffer.mutableSpan
  /// if case .bytes(let count) = try stream.read(over: &room) { work(on: buffer.span.extracting(first: count)) }
  /// ```
  ///
  /// The span's other bytes stay. An empty span gives ``ReadResult/bytes(_:)`` of 0 without a system call.
  @inlinable
  public func read(over bytes: inout MutableSpan<UInt8>) throws(PollerError) -> ReadResult {
    try system.read(over: &bytes)
  }

  /// Appends the available bytes to an array: at most `limit`, up to 16 MiB; none if `limit` is below 1.
  ///
  /// Allocates when the array has to grow: keep it, and remove processed bytes with `removeAll(keepingCapacity: true)`.
  @inlinable
  public func read(appendingTo bytes: inout [UInt8], atMost limit: Int) throws(PollerError) -> ReadResult {
    guard limit > 0 else { return .bytes(0) }
    var result = ReadResult.wouldBlock
    try bytes.append(addingCapacity: min(limit, SystemSocket.mostRoom)) { (room: inout OutputSpan<UInt8>) throws(PollerError) in
      result = try read(into: &room)
    }
    return result
  }

  /// Reads the available bytes into two spans, the first before the second: readv(2).
  ///
  /// For a header and its payload, or a ring buffer's two pieces. The result counts both.
  @inlinable
  public func read(
    into first: inout OutputSpan<UInt8>, then second: inout OutputSpan<UInt8>
  ) throws(PollerError) -> ReadResult {
    try system.read(into: &first, then: &second)
  }

  /// As ``read(into:)``, but leaves the bytes for the next read: recv(2), `MSG_PEEK`.
  @inlinable
  public func peek(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    try system.peek(into: &room)
  }

  /// Writes as much as the kernel takes: send(2), `MSG_NOSIGNAL`.
  ///
  /// An empty span gives ``WriteResult/bytes(_:)`` of 0 without a system call.
  @inlinable
  public func write(_ bytes: Span<UInt8>) throws(PollerError) -> WriteResult {
    try system.write(bytes)
  }

  /// Writes as much of an array as the kernel takes: as ``write(_:)-(Span<UInt8>)``.
  @inlinable
  public func write(_ bytes: [UInt8]) throws(PollerError) -> WriteResult {
    try system.write(bytes.span)
  }

  /// Writes as much of a slice as the kernel takes, such as the rest after a short write.
  @inlinable
  public func write(_ bytes: ArraySlice<UInt8>) throws(PollerError) -> WriteResult {
    try system.write(bytes.span)
  }

  /// Writes two spans, such as a header and its payload, as if they were one: sendmsg(2), one system call.
  ///
  /// The result counts both; the write may end anywhere in them.
  @inlinable
  public func write(_ first: Span<UInt8>, then second: Span<UInt8>) throws(PollerError) -> WriteResult {
    try system.write(first, then: second)
  }

  /// Writes several arrays in order, in one system call: sendmsg(2).
  ///
  /// - Parameters:
  ///   - segments: At most 64 that are not empty go in one call; the rest makes a short write. Nothing is copied or allocated.
  ///   - offset: The bytes at the front that were written before; below 0 counts as 0. After a short write, pass the same
  ///     segments and the sum of the results.
  ///
  /// - Returns: The number of bytes written, without the offset; if nothing is left, ``WriteResult/bytes(_:)`` of 0 without a
  ///   system call.
  /// - Throws: The errors of any write.
  public func write(segments: [[UInt8]], skipping offset: Int = 0) throws(PollerError) -> WriteResult {
    try system.write(segments: segments, skipping: offset)
  }

  /// Shuts down one direction, or both, and keeps the socket: shutdown(2).
  ///
  /// After ``ShutdownDirection/writing`` the peer reads what was sent, and then the end: the first step of a close that loses
  /// nothing, see <doc:WhatTheKernelLeavesToYou>. Throws ``PollerError/Code/notConnected`` if the peer is already gone.
  public func shutdown(_ direction: ShutdownDirection) throws(PollerError) {
    try system.shutdown(direction)
  }

  /// Returns whether a connect has finished: call it when the socket becomes writable.
  ///
  /// Throws if the connect failed: ``PollerError/Code/connectionRefused`` (`ECONNREFUSED`), ``PollerError/Code/timedOut``,
  /// ``PollerError/Code/unreachable``, ``PollerError/Code/connectionReset``; and ``PollerError/Code/notConnected`` if its error
  /// was already reported.
  ///
  /// A TCP socket may connect to itself: if nothing listens on a destination of this machine, in the range of local ports, the
  /// kernel may take that very port as the local one, and the socket reads what it writes. This throws
  /// ``PollerError/Code/connectionRefused``: drop the socket, and try again later.
  ///
  /// Up to four system calls: poll(2), `SO_ERROR`, getpeername(2), getsockname(2).
  public func connectResult() throws(PollerError) -> ConnectResult {
    try system.connectResult()
  }

  /// The address of the other end.
  ///
  /// One system call, getpeername(2). Throws ``PollerError/Code/notConnected`` (`ENOTCONN`) before there is a connection, and
  /// on some kernels after it has ended.
  public var peerEndpoint: Endpoint {
    get throws(PollerError) { try system.peerEndpoint() }
  }

  /// How long a close may block while written bytes have not arrived; nil for no time: `SO_LINGER`.
  public var linger: Duration? {
    get throws(PollerError) { try system.linger() }
  }

  /// Sets how long a close may block, in whole seconds rounded up: `SO_LINGER`.
  ///
  /// One system call.
  ///
  /// Nil, the default, closes at once, and the kernel sends the rest. But closing a TCP connection with unread input resets it,
  /// whatever the linger time. Shut down writing first, and read to the end, within bounds: see <doc:WhatTheKernelLeavesToYou>.
  ///
  /// Zero discards unsent bytes, and resets a TCP connection. Any other time makes closing block its thread, even for a
  /// non-blocking socket, at most for the kernel's maximum. Throws ``PollerError/Code/invalidArgument`` below zero.
  public func setLinger(_ duration: Duration?) throws(PollerError) {
    try system.setLinger(duration)
  }
}
