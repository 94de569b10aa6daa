public import Amy
public import SystemPackage

/// Takes connections of processes on the same machine.
///
/// See ``ListeningSocket`` for accepting them.
public typealias UnixListener = ListeningSocket<UnixStream>

extension ListeningSocket where Stream == UnixStream {
  /// Listens: socket(2), bind(2), listen(2).
  ///
  /// A path becomes a file, which stays when the listener goes and then refuses the next one with
  /// ``PollerError/Code/addressInUse`` (`EADDRINUSE`): remove it before, or after. An abstract name goes by itself.
  ///
  /// - Parameters:
  ///   - endpoint: A path, or on Linux an abstract name.
  ///   - backlog: How many connections may wait to be accepted, less than 0 counting as 0; the kernel cuts it silently to its
  ///     own limit (Linux: `net.core.somaxconn`). On Linux the next one to connect is told so (`EAGAIN`).
  ///
  /// - Throws: Besides ``PollerError/Code/addressNotAvailable`` (`ENOENT`: a folder of the path is not there),
  ///   ``PollerError/Code/permissionDenied`` (`EACCES`), ``PollerError/Code/descriptorLimit``,
  ///   ``PollerError/Code/invalidArgument`` for an endpoint that is not Unix.
  public init(bindingTo endpoint: Endpoint, backlog: Int = 4096) throws(PollerError) {
    let socket = try OwnedSocket(.unixStream, for: endpoint)
    let system = SystemSocket(socket.fileDescriptor)
    try system.bind(to: endpoint) { () throws(PollerError) in try system.listen(backlog: backlog) }
    self.init(socket)
  }

  /// Takes over a Unix listener that something else has made, as by socket activation, and makes it non-blocking and
  /// close-on-exec.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` where the descriptor is something else than a Unix stream socket, and
  /// ``PollerError/Code/badDescriptor``; it is still yours then. Six system calls.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    self.init(try OwnedSocket(adopting: fileDescriptor, as: .unixStream))
  }
}
