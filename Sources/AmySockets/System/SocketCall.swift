package import Amy
package import SystemPackage

/// The system calls of sockets, grouped by the meaning of their errors, as ``SystemCall`` groups the core's.
package enum SocketCall: CaseIterable, Sendable {
  /// socket(2), socketpair(2).
  case socket
  /// getsockopt(2), setsockopt(2), fcntl(2).
  case option
  case bind, listen, connect, accept
  /// getsockname(2), getpeername(2).
  case name
  /// read(2), recv(2), and the pending error of a socket.
  case read
  /// send(2), sendmsg(2), writev(2).
  case write
  /// send(2), sendto(2) of datagrams.
  case send
  /// recvmsg(2) of datagrams.
  case receive
  case shutdown
  /// The system calls that getaddrinfo(3) makes.
  case resolve
}

extension SocketCall {
  package func code(for errno: Errno) -> PollerError.Code {
    switch self {
    case .socket: Self.creating(errno)
    case .bind: Self.storing(errno) ?? Self.addressing(errno)
    case .connect: errno == .wouldBlock ? .backlogFull : Self.addressing(errno)
    case .accept: errno == .permissionDenied ? .unsupported : Self.addressing(errno)
    case .name: errno == .invalidArgument ? .notConnected : Self.addressing(errno)
    case .option, .listen, .send, .shutdown: Self.addressing(errno)
    case .read, .receive: Self.moving(errno)
    case .write: Self.storing(errno) ?? Self.moving(errno)
    case .resolve: SystemCall.common(errno)
    }
  }

  private static func creating(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .addressFamilyNotSupported, .protocolNotSupported, .protocolWrongTypeForSocket, .socketTypeNotSupported,
      .invalidArgument:
      .unsupported
    case .permissionDenied, .notPermitted: .permissionDenied
    default: SystemCall.common(errno)
    }
  }

  /// Calls that take an address, or a name in the file system.
  private static func addressing(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .addressInUse: .addressInUse
    case .addressNotAvailable, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
      .operationNotSupportedByDevice:
      .addressNotAvailable
    case .readOnlyFileSystem: .permissionDenied
    // The address is of another family or socket type; or a destination is given although the socket has a peer; or a number is
    // too large. None of these means that the peer is not there.
    case .addressFamilyNotSupported, .protocolWrongTypeForSocket, .socketIsConnected, .outOfDomain, .fileNameTooLong:
      .invalidArgument
    default: moving(errno)
    }
  }

  /// Errors of the network, or of something in the way.
  private static func moving(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .connectionRefused: .connectionRefused
    case .connectionReset, .brokenPipe, .connectionAbort, .networkReset: .connectionReset
    case .socketNotConnected, .addressRequired: .notConnected
    case .networkUnreachable, .noRouteToHost, .networkDown, .hostIsDown: .unreachable
    case .timedOut: .timedOut
    case .permissionDenied, .notPermitted: .permissionDenied
    case .messageTooLong: .messageTooLong
    case .invalidArgument, .notSocket, .isDirectory: .invalidArgument
    case .ioError: .ioError
    default: SystemCall.common(errno)
    }
  }

  private static func storing(_ errno: Errno) -> PollerError.Code? {
    switch errno {
    case .noSpace, .diskQuotaExceeded, .fileTooLarge: .noSpace
    default: nil
    }
  }
}

extension PollerError {
  @inline(never)
  init(result: CInt, of call: SocketCall) {
    let errno = Errno(rawValue: -result)
    self.init(call.code(for: errno), errno: errno)
  }
}

@discardableResult
func check(_ result: CInt, of call: SocketCall) throws(PollerError) -> CInt {
  guard result >= 0 else { throw PollerError(result: result, of: call) }
  return result
}
