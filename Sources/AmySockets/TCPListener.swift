public import Amy
public import SystemPackage

/// Takes TCP connections.
///
/// See ``ListeningSocket`` for accepting them.
///
/// ```swift
/// let listener = try TCPListener(bindingTo: .loopback(port: 0))
/// print("listening on", try listener.localEndpoint)
/// ```
///
/// Register it by level or once: by edge whoever was not accepted at once waits for the next client to come.
public typealias TCPListener = ListeningSocket<TCPStream>

extension ListeningSocket where Stream == TCPStream {
  /// Listens: socket(2), bind(2), listen(2), and an option for each that is set.
  ///
  /// `SO_REUSEADDR` is set, so that a server can be started again while old connections still linger in the kernel; two
  /// listeners of one address are refused all the same.
  ///
  /// - Parameters:
  ///   - endpoint: A v4 or v6 address; with port 0 the kernel chooses one, which ``Socket/localEndpoint`` tells.
  ///   - backlog: How many connections may wait to be accepted, less than 0 counting as 0. The kernel cuts it silently to its
  ///     own limit (Linux: `net.core.somaxconn`, mostly 4096; Darwin: 128).
  ///   - sharesPort: Lets several sockets listen on one address, when all of them ask for it and belong to the same user, and
  ///     Linux spreads connections over them: `SO_REUSEPORT`. Of those that wait in a backlog, what a closed listener had is
  ///     reset.
  ///   - acceptsIPv4: Whether a listener on the v6 any address takes v4 connections, too, as addresses like `::ffff:192.0.2.1`:
  ///     `IPV6_V6ONLY`. Said for each listener, since systems differ; no meaning for v4.
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

  /// Takes over a TCP listener that something else has made, as by socket activation, and makes it non-blocking and
  /// close-on-exec.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` where the descriptor is something else than a TCP socket, and
  /// ``PollerError/Code/badDescriptor``; it is still yours then. Six system calls.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    self.init(try OwnedSocket(adopting: fileDescriptor, as: .tcp))
  }
}
