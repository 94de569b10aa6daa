public import Amy
public import SystemPackage

/// A connection between two processes of one machine, or between two parts of one process.
///
/// Move-only: it has one owner, and is closed when it is destroyed. See ``StreamSocket`` for reading and writing.
public struct UnixStream: StreamSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a Unix stream as it is, without a system call: nothing is checked or set.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// Connects to a Unix listener: socket(2), bind(2) if `local` is given, connect(2).
  ///
  /// Unlike a TCP connect, it is complete or has failed when it returns: ``StreamSocket/connectResult()`` is
  /// ``ConnectResult/connected``. You may treat both alike.
  ///
  /// - Parameters:
  ///   - endpoint: A path, or on Linux an abstract name.
  ///   - local: The name that the peer sees; nil for none. A path becomes a file, which stays when the socket is destroyed, and
  ///     is removed if connecting fails.
  ///
  /// - Throws: ``PollerError/Code/addressNotAvailable`` (`ENOENT`) if there is no such file,
  ///   ``PollerError/Code/connectionRefused`` (`ECONNREFUSED`) if nothing listens behind it, ``PollerError/Code/backlogFull``
  ///   (`EAGAIN`, on Linux) if the listener's backlog is full: try again a little later, because no event reports room.
  ///   ``PollerError/Code/permissionDenied`` (`EACCES`), ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`),
  ///   ``PollerError/Code/invalidArgument`` for an endpoint that is not Unix, has no name, or belongs to a datagram socket
  ///   (`EPROTOTYPE`).
  public init(connectingTo endpoint: Endpoint, from local: Endpoint? = nil) throws(PollerError) {
    let socket = try OwnedSocket(.unixStream, for: endpoint)
    let system = SystemSocket(socket.fileDescriptor)
    if let local {
      try system.bind(to: local) { () throws(PollerError) in try system.connect(to: endpoint) }
    } else {
      try system.connect(to: endpoint)
    }
    self.socket = socket
  }

  /// Makes two streams that are connected to each other: socketpair(2).
  ///
  /// Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`).
  public static func pair() throws(PollerError) -> SocketPair<UnixStream> {
    let pair = try OwnedSocket.pair(.unixStream)
    return SocketPair(UnixStream(pair.first), UnixStream(pair.second))
  }

  /// Takes over a Unix stream that something else has made, and makes it non-blocking and close-on-exec.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a Unix stream socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then. Six system calls.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .unixStream)
  }

  /// The descriptor, open for as long as this value exists.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives up the descriptor without closing it: you close it.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// The credentials of the other end, as the kernel saw them when the connection was made: `SO_PEERCRED`, or getpeereid(3).
  ///
  /// One system call.
  public var peerCredentials: PeerCredentials {
    get throws(PollerError) { try system.peerCredentials() }
  }
}
