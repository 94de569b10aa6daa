public import Amy
public import SystemPackage

/// Takes connections of one kind: ``TCPListener`` or ``UnixListener``.
///
/// A server for both is written once, against the stream:
///
/// ```swift
/// func serve<Stream: StreamSocket & ~Copyable>(_ listener: borrowing ListeningSocket<Stream>) throws(PollerError) {
///   let batch = try listener.acceptAll { (stream, peer) throws(PollerError) in
///     // ...
///   }
/// }
/// ```
///
/// (A generic type and not a protocol, since a protocol's associated type must be copyable, in Swift 6.3.)
///
/// Move-only: it has one owner, who closes it by letting it go, and with it resets the connections that wait in its backlog.
/// Several threads may accept from one listener.
///
/// ## By trigger edge
///
/// Use ``Trigger/level`` or ``Trigger/once``. By ``Trigger/edge`` a listener is told of when one more client comes, and not of
/// those who wait already: whoever is left in the backlog, because ``acceptAll(atMost:_:)`` had reached its limit or no
/// descriptor was left, waits until then. If it has to be edge, call `acceptAll` until
/// ``AcceptBatch/isDrained``, and after an error again by a timer, or reregister, which tells at once.
///
/// ## In several pollers
///
/// Registered with several pollers, one client wakes a thread of each. With ``Registrar/registerShared(_:as:)`` it wakes one.
///
/// ## When no descriptor is left
///
/// Accepting then throws ``PollerError/Code/descriptorLimit`` (`EMFILE` of the process, `ENFILE` of the system). Linux asks for
/// a descriptor before it looks for a connection, so this says nothing of whether one waits. Nothing is lost: the listener
/// works on, and the connections stay in the backlog. But it also stays readable, and who simply goes on waiting for it by
/// level, or reregisters it, turns in circles. There are two ways out:
///
/// - Pause. Reregister the listener for ``Interest/none``; when one of your connections was closed, reregister it for
///   ``Interest/readable``, which tells at once of what waits. Clients see a connection that nobody answers yet.
/// - Refuse. Keep a descriptor in reserve, and spend it on telling the client:
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

  /// Takes over a listening socket as it is, without a system call: nothing is checked or set.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// The descriptor: open for as long as this is alive.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives the descriptor up, open: nobody closes it but you.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// Takes one connection, non-blocking and close-on-exec: accept4(2).
  ///
  /// One system call, and one more for each connection that broke while it waited: it is passed over (`ECONNABORTED`, `EPROTO`,
  /// and on Linux the network's errors that accept(2) lists). Throws ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`:
  /// see above), ``PollerError/Code/outOfMemory`` (`ENOBUFS`, `ENOMEM`), ``PollerError/Code/permissionDenied`` (`EPERM`: a
  /// firewall).
  @inlinable
  public func accept() throws(PollerError) -> AcceptResult<Stream> {
    switch try system.accept() {
    case .accepted(let socket, let peer): .accepted(Stream(socket), from: peer)
    case .wouldBlock: .wouldBlock
    }
  }

  /// Takes connections until none waits, or so many were taken.
  ///
  /// - Parameters:
  ///   - limit: The most to take, so that a rush of clients does not starve those who are connected; none below 1. By trigger
  ///     edge the rest makes no event: call again until ``AcceptBatch/isDrained``.
  ///   - body: Gets each connection for its own, and who made it. What it throws ends the accepting.
  ///
  /// - Returns: How many there were, and whether the backlog is empty.
  /// - Throws: What ``accept()`` throws, and what the body does. Every connection that was taken before has been handed over.
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
