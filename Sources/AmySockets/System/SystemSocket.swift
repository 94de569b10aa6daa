public import Amy
internal import CAmy
public import SystemPackage

/// A socket's number, with the system calls that take it: each is made in one place, here and in this type's extensions.
///
/// Owns nothing. What a call returns below zero is the negated errno.
@frozen
@usableFromInline
struct SystemSocket: Sendable {
  @usableFromInline
  let descriptor: CInt

  @inlinable
  init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor.rawValue
  }

  /// What kind of socket an owner's is.
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
  /// A new socket that can have, or connect to, that endpoint.
  init(_ kind: SystemSocket.Kind, for endpoint: Endpoint) throws(PollerError) {
    guard kind.isUnix == (endpoint.family == .unix) else { throw PollerError(.invalidArgument) }
    let family =
      switch endpoint.family {
      case .ipv4: amy_family_v4
      case .ipv6: amy_family_v6
      case .unix: amy_family_unix
      }
    self.init(owning: FileDescriptor(rawValue: try check(amy_socket_open(family, kind.type))))
  }

  /// A socket from elsewhere, of that kind or else refused.
  init(adopting descriptor: FileDescriptor, as kind: SystemSocket.Kind) throws(PollerError) {
    let family = kind.isUnix ? amy_family_unix : amy_family_v6
    try check(amy_socket_adopt(descriptor.rawValue, family, kind.type))
    self.init(owning: descriptor)
  }

  /// Two Unix sockets that are connected with each other.
  static func pair(_ kind: SystemSocket.Kind) throws(PollerError) -> SocketPair<OwnedSocket> {
    var first: CInt = 0
    var second: CInt = 0
    try check(unsafe amy_socket_pair(kind.type, &first, &second))
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
    try check(unsafe amy_socket_bind(descriptor, &address))
  }

  func listen(backlog: Int) throws(PollerError) {
    try check(amy_socket_listen(descriptor, CInt(clamping: backlog)))
  }

  @usableFromInline
  func accept() throws(PollerError) -> AcceptResult<OwnedSocket> {
    var address = amy_address()
    let result = unsafe amy_socket_accept(descriptor, &address)
    if result >= 0 {
      return .accepted(OwnedSocket(owning: FileDescriptor(rawValue: result)), from: Endpoint(address))
    }
    if Int(result) == amy_would_block { return .wouldBlock }
    throw PollerError(result: result)
  }

  /// Begins to connect, or sets a datagram socket's peer.
  func connect(to endpoint: Endpoint) throws(PollerError) {
    var address = endpoint.address
    let result = unsafe amy_socket_connect(descriptor, &address)
    // A Unix listener whose backlog is full. There is nothing to wait for: the socket is as it was before.
    if Int(result) == amy_would_block { throw PollerError(.backlogFull, errno: .wouldBlock) }
    try check(result)
  }

  func disconnect() throws(PollerError) {
    try check(amy_socket_disconnect(descriptor))
  }

  func connectResult() throws(PollerError) -> ConnectResult {
    try check(amy_socket_connect_result(descriptor)) == 0 ? .inProgress : .connected
  }

  func localEndpoint() throws(PollerError) -> Endpoint {
    var address = amy_address()
    try check(unsafe amy_socket_local(descriptor, &address))
    return Endpoint(address)
  }

  func peerEndpoint() throws(PollerError) -> Endpoint {
    var address = amy_address()
    try check(unsafe amy_socket_peer(descriptor, &address))
    return Endpoint(address)
  }

  func shutdown(_ direction: ShutdownDirection) throws(PollerError) {
    try check(amy_socket_shutdown(descriptor, direction != .writing, direction != .reading))
  }
}
