package import Amy
package import SystemPackage

/// The sockets' system calls, by what their errors mean: as ``SystemCall`` of the core's own.
package enum SocketCall: CaseIterable, Sendable {
  /// socket(2), socketpair(2).
  case socket
  /// getsockopt(2), setsockopt(2), fcntl(2).
  case option
  case bind, listen, connect, accept
  /// getsockname(2), getpeername(2).
  case name
  /// read(2), recv(2), and the error that a socket keeps.
  case read
  /// send(2), sendmsg(2), writev(2).
  case write
  /// Of datagrams: send(2), sendto(2).
  case send
  /// Of datagrams: recvmsg(2).
  case receive
  case shutdown
  /// What getaddrinfo(3) called.
  case resolve
}

extension SocketCall {
  /// What an errno of this call means.
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

  /// Calls that are given an address, or a name in the file system.
  private static func addressing(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .addressInUse: .addressInUse
    case .addressNotAvailable, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels,
      .operationNotSupportedByDevice:
      .addressNotAvailable
    case .readOnlyFileSystem: .permissionDenied
    // An address of another family, or of a socket of another type, than the socket's; one to send to, though there is a peer;
    // a number that is too large. None says that nobody is there.
    case .addressFamilyNotSupported, .protocolWrongTypeForSocket, .socketIsConnected, .outOfDomain, .fileNameTooLong:
      .invalidArgument
    default: moving(errno)
    }
  }

  /// What the network, or whoever is in the way, says.
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
  /// The error behind a call's negative result.
  @inline(never)
  init(result: CInt, of call: SocketCall) {
    let errno = Errno(rawValue: -result)
    self.init(call.code(for: errno), errno: errno)
  }
}

/// The result, if it is one.
@discardableResult
func check(_ result: CInt, of call: SocketCall) throws(PollerError) -> CInt {
  guard result >= 0 else { throw PollerError(result: result, of: call) }
  return result
}
