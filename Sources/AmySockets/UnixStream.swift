public import Amy
public import SystemPackage

/// A connection between two processes of one machine, or between two parts of one process.
///
/// Move-only: it has one owner, who closes it by letting it go. See ``StreamSocket`` for reading and writing.
public struct UnixStream: StreamSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a Unix stream as it is, without a system call: nothing is checked or set.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// Connects to a Unix listener: socket(2), bind(2) if asked for, connect(2).
  ///
  /// Unlike TCP's this is done when it returns, or has failed: ``StreamSocket/connectResult()`` is
  /// ``ConnectResult/connected``. You may treat both alike.
  ///
  /// - Parameters:
  ///   - endpoint: A path, or on Linux an abstract name.
  ///   - local: The name that the peer will see; nil for none. A path becomes a file, which stays when the socket goes, and
  ///     is removed if connecting fails.
  ///
  /// - Throws: ``PollerError/Code/addressNotAvailable`` (`ENOENT`) where there is no such file,
  ///   ``PollerError/Code/connectionRefused`` (`ECONNREFUSED`) where nobody listens behind it, ``PollerError/Code/backlogFull``
  ///   (`EAGAIN`, on Linux) where the listener's backlog is full: try again a little later, no event will tell when.
  ///   ``PollerError/Code/permissionDenied`` (`EACCES`), ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`),
  ///   ``PollerError/Code/invalidArgument`` for an endpoint that is not Unix, or has no name, or is
  ///   that of datagrams (`EPROTOTYPE`).
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

  /// Two streams that are connected with each other: socketpair(2).
  ///
  /// Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`).
  public static func pair() throws(PollerError) -> SocketPair<UnixStream> {
    let pair = try OwnedSocket.pair(.unixStream)
    return SocketPair(UnixStream(pair.first), UnixStream(pair.second))
  }

  /// Takes over a Unix stream that something else has made, and makes it non-blocking and close-on-exec.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` where the descriptor is something else than a Unix stream socket, and
  /// ``PollerError/Code/badDescriptor``; it is still yours then. Six system calls.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .unixStream)
  }

  /// The descriptor: open for as long as this is alive.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives the descriptor up, open: nobody closes it but you.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// Who is at the other end, as the kernel saw it when the connection was made: `SO_PEERCRED`, or getpeereid(3).
  ///
  /// One system call.
  public var peerCredentials: PeerCredentials {
    get throws(PollerError) { try system.peerCredentials() }
  }
}
