public import Amy
internal import CAmy
public import SystemPackage

/// A socket's number, with the system calls that take it, each made in one place: here or in an extension.
///
/// Owns nothing. A result below zero is the negated errno.
@frozen
@usableFromInline
struct SystemSocket: Sendable {
  @usableFromInline
  let descriptor: CInt

  @inlinable
  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor.rawValue
  }

  enum Kind {
    case tcp, udp, unixStream, unixDatagram

    var type: amy_type {
      switch self {
      case .tcp, .unixStream: amy_type_stream
      case .udp, .unixDatagram: amy_type_datagram
      }
    }

    var isUnix: Bool {
      switch self {
      case .unixStream, .unixDatagram: true
      case .tcp, .udp: false
      }
    }
  }
}

extension OwnedSocket {
  init(_ kind: SystemSocket.Kind, for endpoint: Endpoint) throws(PollerError) {
    guard kind.isUnix == (endpoint.family == .unix) else { throw PollerError(.invalidArgument) }
    let family =
      switch endpoint.family {
      case .ipv4: amy_family_v4
      case .ipv6: amy_family_v6
      case .unix: amy_family_unix
      }
    self.init(owning: FileDescriptor(rawValue: try check(amy_socket_open(family, kind.type), of: .socket)))
  }

  init(adopting descriptor: FileDescriptor, as kind: SystemSocket.Kind) throws(PollerError) {
    let type = try SystemSocket(descriptor).value(of: amy_option_type)
    var address = amy_address()
    try check(unsafe amy_socket_local(descriptor.rawValue, &address), of: .option)
    let family = amy_family(UInt32(amy_address_family(address)))
    let isFamily = kind.isUnix ? family == amy_family_unix : family == amy_family_v4 || family == amy_family_v6
    guard isFamily, type == kind.type.rawValue else { throw PollerError(.invalidArgument, errno: .invalidArgument) }
    try check(amy_socket_set_flags(descriptor.rawValue), of: .option)
    self.init(owning: descriptor)
  }

  static func pair(_ kind: SystemSocket.Kind) throws(PollerError) -> SocketPair<OwnedSocket> {
    var first: CInt = 0
    var second: CInt = 0
    try check(unsafe amy_socket_pair(kind.type, &first, &second), of: .socket)
    return SocketPair(
      OwnedSocket(owning: FileDescriptor(rawValue: first)), OwnedSocket(owning: FileDescriptor(rawValue: second)))
  }
}

extension SystemSocket {
  func close() {
    _ = amy_close(descriptor)
  }

  func bind(to endpoint: Endpoint) throws(PollerError) {
    var address = endpoint.address
    try check(unsafe amy_socket_bind(descriptor, &address), of: .bind)
  }

  /// Binds and calls `use`; if that throws, removes the file that bind(2) made.
  func bind(to endpoint: Endpoint, then use: () throws(PollerError) -> Void) throws(PollerError) {
    try bind(to: endpoint)
    do throws(PollerError) {
      try use()
    } catch {
      if let path = endpoint.pathBytes { unsafe amy_file_remove(path + [0]) }
      throw error
    }
  }

  /// Counts a negative backlog as 0: the kernel would take it for the largest.
  func listen(backlog: Int) throws(PollerError) {
    try check(amy_socket_listen(descriptor, CInt(clamping: max(0, backlog))), of: .listen)
  }

  @usableFromInline
  func accept() throws(PollerError) -> AcceptResult<OwnedSocket> {
    var address = amy_address()
    let result = unsafe amy_socket_accept(descriptor, &address)
    if result >= 0 {
      return .accepted(OwnedSocket(owning: FileDescriptor(rawValue: result)), from: Endpoint(address))
    }
    if Int(result) == amy_would_block { return .wouldBlock }
    throw PollerError(result: result, of: .accept)
  }

  /// Begins to connect, or sets a datagram socket's peer.
  func connect(to endpoint: Endpoint) throws(PollerError) {
    var address = endpoint.address
    // EAGAIN: a Unix listener's backlog is full. There is nothing to wait for: the socket is unchanged.
    try check(unsafe amy_socket_connect(descriptor, &address), of: .connect)
  }

  func disconnect() throws(PollerError) {
    try check(amy_socket_disconnect(descriptor), of: .connect)
  }

  func connectResult() throws(PollerError) -> ConnectResult {
    // The order matters: a connect can end between any two of these calls.
    let isWritable = try check(amy_socket_is_writable(descriptor), of: .connect) > 0
    let errno = isWritable ? try value(of: amy_option_error) : 0
    try check(CInt(truncatingIfNeeded: -errno), of: .connect)
    var peer = amy_address()
    let result = unsafe amy_socket_peer(descriptor, &peer)
    if result == -Errno.socketNotConnected.rawValue, !isWritable { return .inProgress }
    try check(result, of: .connect)
    if try isOwnAddress(Endpoint(peer)) { throw PollerError(.connectionRefused, errno: .connectionRefused) }
    return .connected
  }

  /// Whether the socket is connected to itself, by TCP's simultaneous open.
  ///
  /// A connect to a free port in the range of local ports may be given that port as its own. Nothing listens there.
  private func isOwnAddress(_ peer: Endpoint) throws(PollerError) -> Bool {
    if peer.family == .unix { return false }
    return try localEndpoint() == peer
  }

  func localEndpoint() throws(PollerError) -> Endpoint {
    var address = amy_address()
    try check(unsafe amy_socket_local(descriptor, &address), of: .name)
    return Endpoint(address)
  }

  func peerEndpoint() throws(PollerError) -> Endpoint {
    var address = amy_address()
    try check(unsafe amy_socket_peer(descriptor, &address), of: .name)
    return Endpoint(address)
  }

  func shutdown(_ direction: ShutdownDirection) throws(PollerError) {
    try check(amy_socket_shutdown(descriptor, direction != .writing, direction != .reading), of: .shutdown)
  }
}
