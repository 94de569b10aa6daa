public import Amy

/// A socket for messages that arrive whole or not at all: ``UDPSocket`` or ``UnixDatagramSocket``.
///
/// A send or a receive is exactly one system call. Nothing is allocated, but for the name of a Unix sender that has one.
///
/// ## Errors
///
/// Sending and receiving throw ``PollerError/Code/connectionRefused`` (`ECONNREFUSED`) on a connected socket, once for each
/// earlier datagram that nobody was there to take; the socket works on.
public protocol DatagramSocket: Socket, ~Copyable {}

extension DatagramSocket where Self: ~Copyable {
  /// Sends one datagram, which may be empty: sendto(2), `MSG_NOSIGNAL`.
  ///
  /// Throws ``PollerError/Code/messageTooLong`` (`EMSGSIZE`), ``PollerError/Code/unreachable``,
  /// ``PollerError/Code/permissionDenied`` (`EACCES` for a broadcast without ``UDPSocket/setBroadcasts(_:)``, `EPERM`), and for
  /// Unix what ``UnixStream/init(connectingTo:from:)`` does. On Darwin and the BSDs a connected socket refuses (`EISCONN`).
  ///
  /// A Unix receiver that is full is ``SendResult/receiverFull``, of which no event tells. ``SendResult/wouldBlock`` is for
  /// UDP.
  @inlinable
  public func send(_ bytes: Span<UInt8>, to endpoint: Endpoint) throws(PollerError) -> SendResult {
    try system.send(bytes, to: endpoint)
  }

  /// Sends an array as one datagram.
  ///
  /// See ``send(_:to:)-(Span<UInt8>,_)``.
  @inlinable
  public func send(_ bytes: [UInt8], to endpoint: Endpoint) throws(PollerError) -> SendResult {
    try system.send(bytes.span, to: endpoint)
  }

  /// Sends one datagram, which may be empty, to the endpoint that the socket is connected to: send(2), `MSG_NOSIGNAL`.
  ///
  /// Throws ``PollerError/Code/notConnected`` (`EDESTADDRREQ`, `ENOTCONN`) where there is none, and
  /// ``PollerError/Code/messageTooLong`` (`EMSGSIZE`).
  @inlinable
  public func send(_ bytes: Span<UInt8>) throws(PollerError) -> SendResult {
    try system.send(bytes)
  }

  /// Sends an array as one datagram to the endpoint that the socket is connected to.
  ///
  /// See ``send(_:)-(Span<UInt8>)``.
  @inlinable
  public func send(_ bytes: [UInt8]) throws(PollerError) -> SendResult {
    try system.send(bytes.span)
  }

  /// Takes one datagram, and appends it to the span: recvmsg(2).
  ///
  /// What does not fit in the free room is lost, and the result says so. Without room it takes a datagram, too, and loses all
  /// of it.
  @inlinable
  public func receive(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReceiveResult {
    try system.receive(into: &room, peeking: false)
  }

  /// Takes one datagram, of which at most so many bytes, and no more than 16 MiB, go to the end of an array; none below 1.
  ///
  /// 65,535 are enough for any UDP datagram. Allocates when the array has to grow: keep it.
  @inlinable
  public func receive(appendingTo bytes: inout [UInt8], atMost limit: Int) throws(PollerError) -> ReceiveResult {
    guard limit > 0 else {
      // Appending nothing to an empty array writes to the one that all empty arrays share, in the library of Swift 6.3.
      var none = OutputSpan<UInt8>()
      return try receive(into: &none)
    }
    var result = ReceiveResult.wouldBlock
    try bytes.append(addingCapacity: min(limit, SystemSocket.mostRoom)) { (room: inout OutputSpan<UInt8>) throws(PollerError) in
      result = try receive(into: &room)
    }
    return result
  }

  /// As ``receive(into:)``, but the datagram stays where it is, for the next call: `MSG_PEEK`.
  @inlinable
  public func peek(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReceiveResult {
    try system.receive(into: &room, peeking: true)
  }

  /// Sets where ``send(_:)-(Span<UInt8>)`` sends to, and takes datagrams from nobody else: connect(2).
  ///
  /// May be called again with another endpoint. Does not wait, and asks nobody.
  public func connect(to endpoint: Endpoint) throws(PollerError) {
    try system.connect(to: endpoint)
  }

  /// Undoes ``connect(to:)``, so that datagrams come from anybody again: connect(2) with `AF_UNSPEC`.
  public func disconnect() throws(PollerError) {
    try system.disconnect()
  }

  /// The endpoint that the socket is connected to.
  ///
  /// One system call, getpeername(2).
  ///
  /// Throws ``PollerError/Code/notConnected`` (`ENOTCONN`) where there is none.
  public var peerEndpoint: Endpoint {
    get throws(PollerError) { try system.peerEndpoint() }
  }
}
