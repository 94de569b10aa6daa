public import Amy
public import SystemPackage

/// A socket for messages between processes of one machine, which keep their order and are not lost.
///
/// Move-only, and closed when it is destroyed. See ``DatagramSocket``.
///
/// ## When the receiver is full
///
/// A receiver's queue holds few datagrams (Linux: `net.unix.max_dgram_qlen`, usually 10). When it is full, a socket that is
/// connected to it gets ``SendResult/wouldBlock``, and is writable when there is room. A socket that names the receiver in each
/// ``DatagramSocket/send(_:to:)-(Span<UInt8>,_)`` gets ``SendResult/receiverFull``, and no event: it is always writable,
/// because another receiver may have room. Connect, or try again by a timer.
public struct UnixDatagramSocket: DatagramSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a Unix datagram socket as it is: no system call.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// Makes a socket with a name that others can send to: socket(2), bind(2).
  ///
  /// A path becomes a file, which outlives the socket and makes the next bind fail with ``PollerError/Code/addressInUse``
  /// (`EADDRINUSE`): remove it before, or after. An abstract name disappears by itself; with ``Endpoint/unnamed`` Linux chooses
  /// one.
  ///
  /// Also throws ``PollerError/Code/addressNotAvailable`` (`ENOENT`: a directory of the path does not exist),
  /// ``PollerError/Code/permissionDenied`` (`EACCES`), ``PollerError/Code/descriptorLimit``,
  /// ``PollerError/Code/invalidArgument`` for an endpoint that is not Unix.
  public init(bindingTo endpoint: Endpoint) throws(PollerError) {
    let socket = try OwnedSocket(.unixDatagram, for: endpoint)
    try SystemSocket(socket.fileDescriptor).bind(to: endpoint)
    self.socket = socket
  }

  /// Makes a socket without a name that sends to one receiver: socket(2), connect(2).
  ///
  /// Throws the errors of ``UnixStream/init(connectingTo:from:)``.
  public init(connectingTo endpoint: Endpoint) throws(PollerError) {
    let socket = try OwnedSocket(.unixDatagram, for: endpoint)
    try SystemSocket(socket.fileDescriptor).connect(to: endpoint)
    self.socket = socket
  }

  /// Makes two connected sockets: socketpair(2).
  ///
  /// Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`).
  public static func pair() throws(PollerError) -> SocketPair<UnixDatagramSocket> {
    let pair = try OwnedSocket.pair(.unixDatagram)
    return SocketPair(UnixDatagramSocket(pair.first), UnixDatagramSocket(pair.second))
  }

  /// Takes over a Unix datagram socket from elsewhere, and makes it non-blocking and close-on-exec.
  ///
  /// Six system calls. Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a Unix datagram socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .unixDatagram)
  }

  /// The descriptor, open while this value exists.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives up the descriptor, open: you close it.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }
}
