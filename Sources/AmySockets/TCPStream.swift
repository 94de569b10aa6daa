public import Amy
public import SystemPackage

/// A TCP connection, or one that is being made.
///
/// ```swift
/// let stream = try TCPStream(connectingTo: Endpoint(parsing: "192.0.2.1:7"))
/// let id = try registrar.register(stream, for: .writable)
/// // ... when an event of that id came:
/// switch try stream.connectResult() {
/// case .connected: break  // write
/// case .inProgress: break  // reregister for .writable
/// }
/// ```
///
/// Move-only, and closed when it is destroyed. See ``StreamSocket``.
public struct TCPStream: StreamSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a TCP connection as it is: no system call.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// Begins to connect, without waiting: socket(2), bind(2) if `local` is given, connect(2).
  ///
  /// Wait until the stream is writable, and call ``StreamSocket/connectResult()``. Register the socket after this call: before,
  /// it reports a hang-up.
  ///
  /// - Parameters:
  ///   - endpoint: A v4 or v6 address.
  ///   - local: The address to connect from, of the same family, with port 0 for any port; nil leaves both to the kernel.
  ///
  /// - Throws: What is known at once; `connectResult()` throws the rest, and ``PollerError/Code/connectionRefused`` can come
  ///   from either. ``PollerError/Code/descriptorLimit`` (`EMFILE`, `ENFILE`), ``PollerError/Code/unreachable``
  ///   (`ENETUNREACH`), ``PollerError/Code/addressInUse`` and ``PollerError/Code/addressNotAvailable`` (`EADDRNOTAVAIL`: no
  ///   free port is left, or `local` is not of this machine), ``PollerError/Code/permissionDenied`` (`EACCES`, `EPERM`: a
  ///   firewall), ``PollerError/Code/invalidArgument`` for a Unix endpoint.
  public init(connectingTo endpoint: Endpoint, from local: Endpoint? = nil) throws(PollerError) {
    let socket = try OwnedSocket(.tcp, for: endpoint)
    if let local { try SystemSocket(socket.fileDescriptor).bind(to: local) }
    try SystemSocket(socket.fileDescriptor).connect(to: endpoint)
    self.socket = socket
  }

  /// Takes over a TCP connection from elsewhere, and makes it non-blocking and close-on-exec.
  ///
  /// Six system calls. Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a TCP socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .tcp)
  }

  /// The descriptor, open while this value exists.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives up the descriptor, open: you close it.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// Whether small writes go out at once, false by default: `TCP_NODELAY`.
  public var noDelay: Bool {
    get throws(PollerError) { try system.isOn(.noDelay) }
  }

  /// Sets whether small writes go out without waiting for the last one's acknowledgement: `TCP_NODELAY`.
  ///
  /// Set it where requests and answers alternate. One system call.
  public func setNoDelay(_ isOn: Bool) throws(PollerError) {
    try system.set(.noDelay, to: isOn)
  }

  /// The number of routers that a packet may pass: `IP_TTL`, or for v6 `IPV6_UNICAST_HOPS`.
  public var timeToLive: Int {
    get throws(PollerError) { try system.value(of: .hops) }
  }

  /// Sets ``timeToLive``, 1 to 255.
  ///
  /// Two system calls. Throws ``PollerError/Code/invalidArgument`` otherwise.
  public func setTimeToLive(_ hops: Int) throws(PollerError) {
    try system.set(.hops, to: hops, within: 1...255)
  }

  /// The probes of an idle connection, or nil for none: `SO_KEEPALIVE`.
  ///
  /// Up to four system calls.
  public var keepAlive: KeepAlive? {
    get throws(PollerError) { try system.keepAlive() }
  }

  /// Sets the probes of an idle connection; nil, the default, turns them off: `SO_KEEPALIVE`.
  ///
  /// Up to four system calls. Throws ``PollerError/Code/invalidArgument`` for times and counts below zero, and for those
  /// outside the kernel's range (Linux: 1 to 32,767 seconds, 1 to 127 probes).
  public func setKeepAlive(_ keepAlive: KeepAlive?) throws(PollerError) {
    try system.setKeepAlive(keepAlive)
  }
}
