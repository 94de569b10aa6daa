public import Amy
public import SystemPackage

/// A listener for connections from processes on the same machine: see ``ListeningSocket``.
public typealias UnixListener = ListeningSocket<UnixStream>

extension ListeningSocket where Stream == UnixStream {
  /// Listens: socket(2), bind(2), listen(2).
  ///
  /// A path becomes a file, which outlives the listener and makes the next bind fail with ``PollerError/Code/addressInUse``
  /// (`EADDRINUSE`): remove it before, or after. An abstract name disappears by itself.
  ///
  /// - Parameters:
  ///   - endpoint: A path, or on Linux an abstract name.
  ///   - backlog: How many connections may wait; below 0 counts as 0. The kernel silently reduces it to its own limit (Linux:
  ///     `net.core.somaxconn`). On Linux the next connect fails (`EAGAIN`).
  ///
  /// - Throws: Also ``PollerError/Code/addressNotAvailable`` (`ENOENT`: a directory of the path does not exist),
  ///   ``PollerError/Code/permissionDenied`` (`EACCES`), ``PollerError/Code/descriptorLimit``,
  ///   ``PollerError/Code/invalidArgument`` for an endpoint that is not Unix.
  public init(bindingTo endpoint: Endpoint, backlog: Int = 4096) throws(PollerError) {
    let socket = try OwnedSocket(.unixStream, for: endpoint)
    let system = SystemSocket(socket.fileDescriptor)
    try system.bind(to: endpoint) { () throws(PollerError) in try system.listen(backlog: backlog) }
    self.init(socket)
  }

  /// Takes over a Unix listener, such as from socket activation, and makes it non-blocking and close-on-exec.
  ///
  /// Six system calls. Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a Unix stream socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    self.init(try OwnedSocket(adopting: fileDescriptor, as: .unixStream))
  }
}
