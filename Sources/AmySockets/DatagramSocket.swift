public import Amy

/// A socket for messages that arrive whole or not at all: ``UDPSocket`` or ``UnixDatagramSocket``.
///
/// A send or a receive is exactly one system call, and allocates only the name of a Unix sender that has one.
///
/// ## Errors
///
/// On a connected socket, sending and receiving throw ``PollerError/Code/connectionRefused`` (`ECONNREFUSED`), once for each
/// earlier datagram that found no receiver; the socket still works.
public protocol DatagramSocket: Socket, ~Copyable {}

extension DatagramSocket where Self: ~Copyable {
  /// Sends one datagram, which may be empty: sendto(2), `MSG_NOSIGNAL`.
  ///
  /// Throws ``PollerError/Code/messageTooLong`` (`EMSGSIZE`), ``PollerError/Code/unreachable``,
  /// ``PollerError/Code/permissionDenied`` (`EACCES` for a broadcast without ``UDPSocket/setBroadcasts(_:)``, `EPERM`), and for
  /// Unix the errors of ``UnixStream/init(connectingTo:from:)``. On Darwin and the BSDs a connected socket refuses the call
  /// (`EISCONN`).
  ///
  /// A full Unix receiver gives ``SendResult/receiverFull``, and no event reports room; ``SendResult/wouldBlock`` is for UDP.
  @inlinable
  public func send(_ bytes: Span<UInt8>, to endpoint: Endpoint) throws(PollerError) -> SendResult {
    try system.send(bytes, to: endpoint)
  }

  /// Sends an array as one datagram: as ``send(_:to:)-(Span<UInt8>,_)``.
  @inlinable
  public func send(_ bytes: [UInt8], to endpoint: Endpoint) throws(PollerError) -> SendResult {
    try system.send(bytes.span, to: endpoint)
  }

  /// Sends one datagram, which may be empty, to the connected endpoint: send(2), `MSG_NOSIGNAL`.
  ///
  /// Throws ``PollerError/Code/notConnected`` (`EDESTADDRREQ`, `ENOTCONN`) if there is none, and
  /// ``PollerError/Code/messageTooLong`` (`EMSGSIZE`).
  @inlinable
  public func send(_ bytes: Span<UInt8>) throws(PollerError) -> SendResult {
    try system.send(bytes)
  }

  /// Sends an array as one datagram: as ``send(_:)-(Span<UInt8>)``.
  @inlinable
  public func send(_ bytes: [UInt8]) throws(PollerError) -> SendResult {
    try system.send(bytes.span)
  }

  /// Receives one datagram, and appends it to the span: recvmsg(2).
  ///
  /// Bytes without room are lost, and the result says so; a span without free room loses the whole datagram.
  @inlinable
  public func receive(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReceiveResult {
    try system.receive(into: &room, peeking: false)
  }

  /// Appends one datagram to an array: at most `limit` of its bytes, up to 16 MiB; none if `limit` is below 1.
  ///
  /// A limit of 65,535 is enough for UDP. Allocates when the array has to grow: keep it.
  @inlinable
  public func receive(appendingTo bytes: inout [UInt8], atMost limit: Int) throws(PollerError) -> ReceiveResult {
    guard limit > 0 else {
      // In Swift 6.3, appending nothing to an empty array writes to the one that all empty arrays share.
      var none = OutputSpan<UInt8>()
      return try receive(into: &none)
    }
    var result = ReceiveResult.wouldBlock
    try bytes.append(addingCapacity: min(limit, SystemSocket.mostRoom)) { (room: inout OutputSpan<UInt8>) throws(PollerError) in
      result = try receive(into: &room)
    }
    return result
  }

  /// As ``receive(into:)``, but leaves the datagram for the next call: `MSG_PEEK`.
  @inlinable
  public func peek(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReceiveResult {
    try system.receive(into: &room, peeking: true)
  }

  /// Sets the destination of ``send(_:)-(Span<UInt8>)``, and receives only from it: connect(2).
  ///
  /// Does not wait, and sends nothing. May be called again.
  public func connect(to endpoint: Endpoint) throws(PollerError) {
    try system.connect(to: endpoint)
  }

  /// Undoes ``connect(to:)``, to receive from any sender again: connect(2) with `AF_UNSPEC`.
  public func disconnect() throws(PollerError) {
    try system.disconnect()
  }

  /// The connected endpoint.
  ///
  /// One system call, getpeername(2). Throws ``PollerError/Code/notConnected`` (`ENOTCONN`) if there is none.
  public var peerEndpoint: Endpoint {
    get throws(PollerError) { try system.peerEndpoint() }
  }
}
