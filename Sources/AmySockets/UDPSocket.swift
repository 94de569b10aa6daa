public import Amy
public import SystemPackage

/// A UDP socket.
///
/// ```swift
/// let socket = try UDPSocket(bindingTo: .loopback(port: 0))
/// _ = try socket.send([1, 2, 3], to: .loopback(port: 9))
/// ```
///
/// Move-only, and closed when it is destroyed. See ``DatagramSocket``.
public struct UDPSocket: DatagramSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a UDP socket as it is: no system call.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// Makes a socket with an address: socket(2), bind(2), and setsockopt(2) for each option that is set.
  ///
  /// - Parameters:
  ///   - endpoint: A v4 or v6 address; for port 0 the kernel chooses a port: see ``Socket/localEndpoint``.
  ///   - sharesPort: Lets several sockets of one user have the address, if all ask for it: `SO_REUSEPORT`. Linux spreads
  ///     datagrams over them by sender.
  ///   - sharesAddress: Lets several sockets have the address, so that each gets a group's or a broadcast's datagrams:
  ///     `SO_REUSEADDR`.
  ///   - receivesIPv4: Whether a socket on the v6 any address also gets v4 datagrams: `IPV6_V6ONLY`. No meaning for v4.
  ///
  /// - Throws: ``PollerError/Code/addressInUse`` (`EADDRINUSE`), ``PollerError/Code/addressNotAvailable`` (`EADDRNOTAVAIL`),
  ///   ``PollerError/Code/permissionDenied`` (`EACCES`: ports below 1024), ``PollerError/Code/descriptorLimit``,
  ///   ``PollerError/Code/invalidArgument`` for a Unix endpoint.
  public init(
    bindingTo endpoint: Endpoint, sharesPort: Bool = false, sharesAddress: Bool = false, receivesIPv4: Bool = true
  ) throws(PollerError) {
    let socket = try OwnedSocket(.udp, for: endpoint)
    let system = SystemSocket(socket.fileDescriptor)
    if sharesPort { try system.set(.sharesPort, to: true) }
    if sharesAddress { try system.set(.reusesAddress, to: true) }
    if endpoint.family == .ipv6 { try system.set(.isV6Only, to: !receivesIPv4) }
    try system.bind(to: endpoint)
    self.socket = socket
  }

  /// Makes a socket for one peer, from an address that the kernel chooses: socket(2), connect(2).
  ///
  /// Throws ``PollerError/Code/unreachable`` (`ENETUNREACH`), ``PollerError/Code/descriptorLimit``,
  /// ``PollerError/Code/invalidArgument`` for a Unix endpoint.
  public init(connectingTo endpoint: Endpoint) throws(PollerError) {
    let socket = try OwnedSocket(.udp, for: endpoint)
    try SystemSocket(socket.fileDescriptor).connect(to: endpoint)
    self.socket = socket
  }

  /// Takes over a UDP socket from elsewhere, and makes it non-blocking and close-on-exec.
  ///
  /// Six system calls. Throws ``PollerError/Code/invalidArgument`` if the descriptor is not a UDP socket, and
  /// ``PollerError/Code/badDescriptor``; it remains yours then.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .udp)
  }

  /// The descriptor, open while this value exists.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives up the descriptor, open: you close it.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// Whether datagrams may go to broadcast addresses, false by default: `SO_BROADCAST`.
  public var broadcasts: Bool {
    get throws(PollerError) { try system.isOn(.broadcasts) }
  }

  /// Sets ``broadcasts``.
  ///
  /// One system call.
  public func setBroadcasts(_ isOn: Bool) throws(PollerError) {
    try system.set(.broadcasts, to: isOn)
  }

  /// The number of routers that a datagram may pass: `IP_TTL`, or for v6 `IPV6_UNICAST_HOPS`.
  public var timeToLive: Int {
    get throws(PollerError) { try system.value(of: .hops) }
  }

  /// Sets ``timeToLive``, 1 to 255.
  ///
  /// Two system calls. Throws ``PollerError/Code/invalidArgument`` otherwise.
  public func setTimeToLive(_ hops: Int) throws(PollerError) {
    try system.set(.hops, to: hops, within: 1...255)
  }
}

extension UDPSocket {
  /// Joins a multicast group: `MCAST_JOIN_GROUP`.
  ///
  /// One system call. Bind to the group's port first, with `sharesAddress` if other sockets do so, too. `group` is of the
  /// socket's family, and its port is ignored; 0 lets the kernel choose the `interface`.
  ///
  /// Throws ``PollerError/Code/addressInUse`` for a group that was joined before, ``PollerError/Code/addressNotAvailable``
  /// (`ENODEV`) for an interface that does not exist, ``PollerError/Code/invalidArgument`` for an address that is not a group's
  /// (`EINVAL`), ``PollerError/Code/unsupported`` on systems without `MCAST_JOIN_GROUP`.
  public func join(_ group: Endpoint, interface: UInt32 = 0) throws(PollerError) {
    try system.setMembership(of: group, on: interface, to: true)
  }

  /// Leaves a multicast group: `MCAST_LEAVE_GROUP`.
  ///
  /// One system call. Throws ``PollerError/Code/addressNotAvailable`` for a group that was not joined, and
  /// ``PollerError/Code/unsupported`` on systems without `MCAST_LEAVE_GROUP`.
  public func leave(_ group: Endpoint, interface: UInt32 = 0) throws(PollerError) {
    try system.setMembership(of: group, on: interface, to: false)
  }

  /// How many routers a datagram to a group may pass, 1 by default: `IP_MULTICAST_TTL`, `IPV6_MULTICAST_HOPS`.
  public var multicastTimeToLive: Int {
    get throws(PollerError) { try system.value(of: .multicastHops) }
  }

  /// Sets ``multicastTimeToLive``, 0 to 255.
  ///
  /// Two system calls. Throws ``PollerError/Code/invalidArgument`` otherwise.
  public func setMulticastTimeToLive(_ hops: Int) throws(PollerError) {
    try system.set(.multicastHops, to: hops, within: 0...255)
  }

  /// Whether this machine also receives the socket's datagrams to a group, true by default: `IP_MULTICAST_LOOP`,
  /// `IPV6_MULTICAST_LOOP`.
  public var multicastLoops: Bool {
    get throws(PollerError) { try system.isOn(.multicastLoops) }
  }

  /// Sets ``multicastLoops``.
  ///
  /// Two system calls.
  public func setMulticastLoops(_ isOn: Bool) throws(PollerError) {
    try system.set(.multicastLoops, to: isOn)
  }
}
