public import Amy
public import SystemPackage

/// A listener for TCP connections: see ``ListeningSocket``.
///
/// ```swift
/// let listener = try TCPListener(bindingTo: .loopback(port: 0))
/// print("listening on", try listener.localEndpoint)
/// ```
///
/// Register it with trigger level or once: with edge, a client that is not accepted at once waits for the next.
public typealias TCPListener = ListeningSocket<TCPStream>

extension ListeningSocket where Stream == TCPStream {
  /// Listens: socket(2), bind(2), listen(2), and setsockopt(2) for each option that is set.
  ///
  /// Sets `SO_REUSEADDR`, so that a server can restart while old connections linger in the kernel; a second listener on one
  /// address is still refused.
  ///
  /// - Parameters:
  ///   - endpoint: A v4 or v6 address; for port 0 the kernel chooses a port: see ``Socket/localEndpoint``.
  ///   - backlog: How many connections may wait; below 0 counts as 0. The kernel silently reduces it to its own limit (Linux:
  ///     `net.core.somaxconn`, usually 4096; Darwin: 128).
  ///   - sharesPort: Lets several sockets of one user listen on one address, if all ask for it: `SO_REUSEPORT`. Linux spreads
  ///     connections over them. Closing a listener resets those in its backlog.
  ///   - acceptsIPv4: Whether a listener on the v6 any address also takes v4 connections, as addresses like `::ffff:192.0.2.1`:
  ///     `IPV6_V6ONLY`. Set for each v6 listener, because systems differ; no meaning for v4.
  ///
  /// - Throws: ``PollerError/Code/addressInUse`` (`EADDRINUSE`), ``PollerError/Code/addressNotAvailable`` (`EADDRNOTAVAIL`),
  ///   ``PollerError/Code/permissionDenied`` (`EACCES`: ports below 1024), ``PollerError/Code/descriptorLimit``,
  ///   ``PollerError/Code/unsupported`` (`EAFNOSUPPORT`: no v6 here), ``PollerError/Code/invalidArgument`` for a Unix endpoint.
  public init(
    bindingTo endpoint: Endpoint, backlog: Int = 4096, sharesPort: Bool = false, acceptsIPv4: Bool = true
  ) throws(PollerError) {
    let socket = try OwnedSocket(.tcp, for: endpoint)
    let system = SystemSocket(socket.fileDescriptor)
    try system.set(.reusesAddress, to: true)
    if sharesPort { try system.set(.sharesPort, to: true) }
    if endpoint.family == .ipv6 { try system.set(.isV6Only, to: !acceptsIPv4) }
    try system.bind(to: endpoint)
    try system.listen(backlog: backlog)
    self.init(socket)
  }

  /// Takes over a TCP listener, such as from socket activation, and makes it non-blocking and close-on-exec.
  ///
  /// Six system calls. Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a TCP socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    self.init(try OwnedSocket(adopting: fileDescriptor, as: .tcp))
  }
}
