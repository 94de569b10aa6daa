public import Amy
public import SystemPackage

/// A listener for connections of one kind: ``TCPListener`` or ``UnixListener``.
///
/// Write a server for both against the stream:
///
/// ```swift
/// func serve<Stream: StreamSocket & ~Copyable>(_ listener: borrowing ListeningSocket<Stream>) throws(PollerError) {
///   let batch = try listener.acceptAll { (stream, peer) throws(PollerError) in
///     // ...
///   }
/// }
/// ```
///
/// (A generic type, because a protocol's associated type must be copyable in Swift 6.3.)
///
/// Move-only, and closed when it is destroyed, which resets the connections in its backlog. Several threads may accept from it.
///
/// ## By trigger edge
///
/// Use ``Trigger/level`` or ``Trigger/once``. ``Trigger/edge`` reports only new clients: those left in the backlog, by the
/// limit of ``acceptAll(atMost:_:)`` or for lack of a descriptor, wait for the next one. If you need edge, call `acceptAll`
/// until ``AcceptBatch/isDrained``; after an error, call it again by a timer, or reregister the listener, which reports at
/// once.
///
/// ## In several pollers
///
/// One client wakes a thread of each poller that the listener is registered with; with ``Registrar/registerShared(_:as:)``,
/// one.
///
/// ## When no descriptor is left
///
/// Accepting then throws ``PollerError/Code/descriptorLimit`` (`EMFILE` of the process, `ENFILE` of the system). Linux asks for
/// a descriptor before it looks for a connection, so the error does not tell whether one waits. The listener still works, and
/// the connections stay in the backlog. But it also stays readable: a server that waits for it by level, or reregisters it,
/// spins. There are two remedies:
///
/// - Pause. Reregister the listener for ``Interest/none``, and when one of your connections is closed, for
///   ``Interest/readable``, which reports waiting connections at once. Clients see an unanswered connection.
/// - Refuse. Keep a descriptor in reserve, to tell the client:
///
/// ```swift
/// let null = FilePath("/dev/null")
/// var reserve = try FileDescriptor.open(null, .readOnly, options: .closeOnExec)
/// do {
///   try listener.acceptAll(serve)
/// } catch {
///   guard error.code == .descriptorLimit else { throw error }
///   try reserve.close()  // room for one
///   _ = try listener.accept()  // which is closed at once
///   reserve = try FileDescriptor.open(null, .readOnly, options: .closeOnExec)
/// }
/// ```
///
/// Another thread may take the reserved number in between: then pause.
public struct ListeningSocket<Stream: StreamSocket & ~Copyable>: Socket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a listening socket as it is: no system call.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// The descriptor, open while this value exists.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives up the descriptor, open: you close it.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// Accepts one connection, non-blocking and close-on-exec: accept4(2).
  ///
  /// One system call, and one more for each connection that broke while it waited and is skipped (`ECONNABORTED`, `EPROTO`, on
  /// Linux the network errors of accept(2)). Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`: see above),
  /// ``PollerError/Code/outOfMemory`` (`ENOBUFS`, `ENOMEM`), ``PollerError/Code/permissionDenied`` (`EPERM`: a firewall).
  @inlinable
  public func accept() throws(PollerError) -> AcceptResult<Stream> {
    switch try system.accept() {
    case .accepted(let socket, let peer): .accepted(Stream(socket), from: peer)
    case .wouldBlock: .wouldBlock
    }
  }

  /// Accepts connections until none waits, or the limit is reached.
  ///
  /// - Parameters:
  ///   - limit: The most to accept, so that a rush of clients does not starve the connected ones; none if below 1. With trigger
  ///     edge the rest makes no event: call again until ``AcceptBatch/isDrained``.
  ///   - body: Takes over each connection, with its peer. Its error ends the accepting.
  ///
  /// - Returns: The number of connections, and whether the backlog is empty.
  /// - Throws: The errors of ``accept()`` and of the body; connections accepted before are handed over.
  ///
  /// One system call for each connection, and one that finds the backlog empty.
  @inlinable
  @discardableResult
  public func acceptAll(
    atMost limit: Int = 64, _ body: (consuming Stream, Endpoint) throws(PollerError) -> Void
  ) throws(PollerError) -> AcceptBatch {
    var count = 0
    while count < limit {
      switch try accept() {
      case .accepted(let stream, let peer):
        count += 1
        try body(stream, peer)
      case .wouldBlock:
        return AcceptBatch(count: count, isDrained: true)
      }
    }
    return AcceptBatch(count: count, isDrained: false)
  }
}
