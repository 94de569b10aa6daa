public import Amy
public import SystemPackage

/// A UDP socket.
///
/// ```swift
/// let socket = try UDPSocket(bindingTo: .loopback(port: 0))
/// _ = try socket.send([1, 2, 3], to: .loopback(port: 9))
/// ```
///
/// Move-only: it has one owner, who closes it by letting it go. See ``DatagramSocket`` for sending and receiving.
public struct UDPSocket: DatagramSocket, ~Copyable {
  @usableFromInline
  let socket: OwnedSocket

  /// Takes over a UDP socket as it is, without a system call: nothing is checked or set.
  public init(_ socket: consuming OwnedSocket) {
    self.socket = socket
  }

  /// A socket that has an address: socket(2), bind(2), and an option for each that is set.
  ///
  /// - Parameters:
  ///   - endpoint: A v4 or v6 address; with port 0 the kernel chooses one, which ``Socket/localEndpoint`` tells.
  ///   - sharesPort: Lets several sockets of one user have the address, when all of them ask for it, and Linux spreads
  ///     datagrams over them by sender: `SO_REUSEPORT`.
  ///   - sharesAddress: Lets several sockets have the address, so that each gets a group's or a broadcast's datagrams:
  ///     `SO_REUSEADDR`.
  ///   - receivesIPv4: Whether a socket on the v6 any address gets v4 datagrams, too: `IPV6_V6ONLY`. No meaning for v4.
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

  /// A socket that talks with one other, from an address that the kernel chooses: socket(2), connect(2).
  ///
  /// Throws ``PollerError/Code/unreachable`` (`ENETUNREACH`), ``PollerError/Code/descriptorLimit``,
  /// ``PollerError/Code/invalidArgument`` for a Unix endpoint.
  public init(connectingTo endpoint: Endpoint) throws(PollerError) {
    let socket = try OwnedSocket(.udp, for: endpoint)
    try SystemSocket(socket.fileDescriptor).connect(to: endpoint)
    self.socket = socket
  }

  /// Takes over a UDP socket that something else has made, and makes it non-blocking and close-on-exec.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` where the descriptor is something else than a UDP socket, and
  /// ``PollerError/Code/badDescriptor``; it is still yours then. Six system calls.
  public init(adopting fileDescriptor: FileDescriptor) throws(PollerError) {
    socket = try OwnedSocket(adopting: fileDescriptor, as: .udp)
  }

  /// The descriptor: open for as long as this is alive.
  @inlinable
  public var fileDescriptor: FileDescriptor { socket.fileDescriptor }

  /// Gives the descriptor up, open: nobody closes it but you.
  public consuming func release() -> FileDescriptor {
    socket.release()
  }

  /// Whether datagrams may be sent to broadcast addresses: `SO_BROADCAST`.
  ///
  /// False at first.
  public var broadcasts: Bool {
    get throws(PollerError) { try system.isOn(.broadcasts) }
  }

  /// Allows datagrams to broadcast addresses, or forbids them: `SO_BROADCAST`.
  ///
  /// One system call.
  public func setBroadcasts(_ isOn: Bool) throws(PollerError) {
    try system.set(.broadcasts, to: isOn)
  }

  /// How many routers a datagram may pass: `IP_TTL`, or for v6 `IPV6_UNICAST_HOPS`.
  public var timeToLive: Int {
    get throws(PollerError) { try system.value(of: .hops) }
  }

  /// Sets how many routers a datagram may pass, 1 to 255.
  ///
  /// Two system calls. Throws ``PollerError/Code/invalidArgument`` for any other number.
  public func setTimeToLive(_ hops: Int) throws(PollerError) {
    try system.set(.hops, to: hops, within: 1...255)
  }
}

extension UDPSocket {
  /// Takes a multicast group's datagrams from now on: `MCAST_JOIN_GROUP`.
  ///
  /// One system call.
  ///
  /// Bind to the group's port first, with `sharesAddress` if others on this machine do so, too.
  ///
  /// - Parameters:
  ///   - group: The group's address, of the socket's family. Its port plays no part.
  ///   - interface: The number of the network interface; 0 leaves it to the kernel.
  ///
  /// - Throws: ``PollerError/Code/addressInUse`` for a group that was joined, ``PollerError/Code/addressNotAvailable``
  ///   (`ENODEV`) for an interface that is not there, ``PollerError/Code/invalidArgument`` for an address that is none of a
  ///   group (`EINVAL`).
  public func join(_ group: Endpoint, interface: UInt32 = 0) throws(PollerError) {
    try system.setMembership(of: group, on: interface, to: true)
  }

  /// Takes a multicast group's datagrams no more: `MCAST_LEAVE_GROUP`.
  ///
  /// One system call.
  ///
  /// Throws ``PollerError/Code/addressNotAvailable`` for a group that was not joined.
  public func leave(_ group: Endpoint, interface: UInt32 = 0) throws(PollerError) {
    try system.setMembership(of: group, on: interface, to: false)
  }

  /// How many routers a datagram to a group may pass: `IP_MULTICAST_TTL`, `IPV6_MULTICAST_HOPS`.
  ///
  /// 1 at first.
  public var multicastTimeToLive: Int {
    get throws(PollerError) { try system.value(of: .multicastHops) }
  }

  /// Sets how many routers a datagram to a group may pass, 0 to 255.
  ///
  /// Two system calls. Throws ``PollerError/Code/invalidArgument`` for any other number.
  public func setMulticastTimeToLive(_ hops: Int) throws(PollerError) {
    try system.set(.multicastHops, to: hops, within: 0...255)
  }

  /// Whether this machine also gets what it sends to a group: `IP_MULTICAST_LOOP`, `IPV6_MULTICAST_LOOP`.
  ///
  /// True at first.
  public var multicastLoops: Bool {
    get throws(PollerError) { try system.isOn(.multicastLoops) }
  }

  /// Sets whether this machine also gets what it sends to a group.
  ///
  /// Two system calls.
  public func setMulticastLoops(_ isOn: Bool) throws(PollerError) {
    try system.set(.multicastLoops, to: isOn)
  }
}
