public import Amy
public import SystemPackage

/// Messages between processes of one machine, which keep their order and are not lost.
///
/// Move-only: it has one owner, who closes it by letting it go. See ``DatagramSocket`` for sending and receiving.
///
/// ## When the receiver is full
///
/// A receiver's queue holds few datagrams (Linux: `net.unix.max_dgram_qlen`, mostly 10). A socket that is connected to the
/// receiver is told ``SendResult/wouldBlock``, and is writable when there is room. One that names the receiver in each
/// ``DatagramSocket/send(_:to:)-(Span<UInt8>,_)`` is told ``SendResult/receiverFull``: it is writable all the time, since
/// another receiver may have room, so no event will tell. Connect, or try again by a timer.
public struct UnixDatagramSocket: DatagramSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a Unix datagram socket as it is, without a system call: nothing is checked or set.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// A socket that others can send to by its name: socket(2), bind(2).
  ///
  /// A path becomes a file, which stays when the socket goes and then refuses the next one with
  /// ``PollerError/Code/addressInUse`` (`EADDRINUSE`): remove it before, or after. An abstract name goes by itself. With
  /// ``Endpoint/unnamed`` Linux chooses an abstract name.
  ///
  /// Throws besides ``PollerError/Code/addressNotAvailable`` (`ENOENT`: a folder of the path is not there),
  /// ``PollerError/Code/permissionDenied`` (`EACCES`), ``PollerError/Code/descriptorLimit``,
  /// ``PollerError/Code/invalidArgument`` for an endpoint that is not Unix.
  public init(bindingTo endpoint: Endpoint) throws(PollerError) {
    let socket = try OwnedSocket(.unixDatagram, for: endpoint)
    try SystemSocket(socket.fileDescriptor).bind(to: endpoint)
    self.socket = socket
  }

  /// A socket without a name that sends to one other: socket(2), connect(2).
  ///
  /// Throws what ``UnixStream/init(connectingTo:from:)`` does.
  public init(connectingTo endpoint: Endpoint) throws(PollerError) {
    let socket = try OwnedSocket(.unixDatagram, for: endpoint)
    try SystemSocket(socket.fileDescriptor).connect(to: endpoint)
    self.socket = socket
  }

  /// Two sockets that are connected with each other: socketpair(2).
  ///
  /// Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`).
  public static func pair() throws(PollerError) -> SocketPair<UnixDatagramSocket> {
    let pair = try OwnedSocket.pair(.unixDatagram)
    return SocketPair(UnixDatagramSocket(pair.first), UnixDatagramSocket(pair.second))
  }

  /// Takes over a Unix datagram socket that something else has made, and makes it non-blocking and close-on-exec.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` where the descriptor is something else than a Unix datagram socket, and
  /// ``PollerError/Code/badDescriptor``; it is still yours then. Six system calls.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .unixDatagram)
  }

  /// The descriptor: open for as long as this is alive.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives the descriptor up, open: nobody closes it but you.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }
}
