public import Amy
public import SystemPackage

/// A connection between two processes of one machine, or two parts of one process.
///
/// Move-only, and closed when it is destroyed. See ``StreamSocket``.
public struct UnixStream: StreamSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a Unix stream as it is: no system call.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// Connects to a Unix listener: socket(2), bind(2) if `local` is given, connect(2).
  ///
  /// Unlike a TCP connect, it is complete or has failed when it returns; you may treat both alike, as
  /// ``StreamSocket/connectResult()`` is ``ConnectResult/connected``.
  ///
  /// - Parameters:
  ///   - endpoint: A path, or on Linux an abstract name.
  ///   - local: The name that the peer sees; nil for none. A path becomes a file, which outlives the socket, and is removed if
  ///     connecting fails.
  ///
  /// - Throws: ``PollerError/Code/addressNotAvailable`` (`ENOENT`: no such file), ``PollerError/Code/connectionRefused``
  ///   (`ECONNREFUSED`: nothing listens behind it), ``PollerError/Code/backlogFull`` (`EAGAIN`, on Linux: try again a little
  ///   later, because no event reports room), ``PollerError/Code/permissionDenied`` (`EACCES`),
  ///   ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`), ``PollerError/Code/invalidArgument`` for an endpoint that is
  ///   not Unix, has no name, or belongs to a datagram socket (`EPROTOTYPE`).
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

  /// Makes two connected streams: socketpair(2).
  ///
  /// Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`).
  public static func pair() throws(PollerError) -> SocketPair<UnixStream> {
    let pair = try OwnedSocket.pair(.unixStream)
    return SocketPair(UnixStream(pair.first), UnixStream(pair.second))
  }

  /// Takes over a Unix stream from elsewhere, and makes it non-blocking and close-on-exec.
  ///
  /// Six system calls. Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a Unix stream socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .unixStream)
  }

  /// The descriptor, open while this value exists.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives up the descriptor, open: you close it.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// The other end's credentials when the connection was made: `SO_PEERCRED`, or getpeereid(3).
  ///
  /// One system call.
  public var peerCredentials: PeerCredentials {
    get throws(PollerError) { try system.peerCredentials() }
  }
}
