package import SystemPackage

/// What a system call of CAmy gave back: a result of zero or more, or the negated errno.
package typealias SystemCallResult = CInt

/// The system calls, by what their errors mean: an errno alone says nothing.
///
/// `Documentation/errors.md` is all of it as a table, which a test keeps.
package enum SystemCall: CaseIterable, Sendable {
  /// Making what a poller is made of: epoll_create1(2), eventfd(2), timerfd_create(2), kqueue(2).
  case open
  /// epoll_ctl(2), kevent(2).
  case change
  /// The same, of what is registered.
  case modify
  /// epoll_wait(2), and the write(2) that wakes.
  case wait
  /// signalfd(2).
  case signals
  /// pidfd_open(2), waitid(2).
  case child
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

extension SystemCall {
  /// What an errno of this call means.
  package func code(for errno: Errno) -> PollerError.Code {
    switch self {
    case .open, .signals: Self.making(errno)
    case .change: Self.changing(errno)
    // EINVAL is one that cannot be changed; or the queue itself, which cannot be registered at all.
    case .modify: errno == .invalidArgument ? .registeredAsShared : Self.changing(errno)
    case .wait: errno == .invalidArgument ? .badDescriptor : Self.filtered(errno)
    case .child: Self.finding(errno)
    case .socket: Self.creating(errno)
    case .bind: Self.storing(errno) ?? Self.addressing(errno)
    case .connect: errno == .wouldBlock ? .backlogFull : Self.addressing(errno)
    case .accept: errno == .permissionDenied ? .unsupported : Self.addressing(errno)
    case .name: errno == .invalidArgument ? .notConnected : Self.addressing(errno)
    case .option, .listen, .send, .shutdown: Self.addressing(errno)
    case .read, .receive: Self.moving(errno)
    case .write: Self.storing(errno) ?? Self.moving(errno)
    case .resolve: Self.common(errno)
    }
  }

  /// What is the same for every call.
  private static func common(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .badFileDescriptor: .badDescriptor
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem: .descriptorLimit
    case .noMemory, .noBufferSpace: .outOfMemory
    case .noFunction, .notSupported, .protocolNotAvailable: .unsupported
    default: .other
    }
  }

  /// Calls that need no permission: a filter around the process says that they do.
  private static func filtered(_ errno: Errno) -> PollerError.Code {
    errno == .notPermitted || errno == .permissionDenied ? .unsupported : common(errno)
  }

  private static func making(_ errno: Errno) -> PollerError.Code {
    // The kernel was built without it, or is too old for its flags.
    errno == .operationNotSupportedByDevice || errno == .invalidArgument ? .unsupported : filtered(errno)
  }

  /// The errors are epoll_ctl(2)'s, which every backend gives.
  private static func changing(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .fileExists: .alreadyRegistered
    case .noSuchFileOrDirectory: .notRegistered
    // EPERM is a file that has no poll; EINVAL the queue itself.
    case .notPermitted, .invalidArgument: .notPollable
    case .tooManySymbolicLinkLevels: .nestedTooDeeply
    case .noSpace: .watchLimit
    // A kqueue's, of the writer of a pipe that nobody reads.
    case .brokenPipe: .connectionReset
    default: filtered(errno)
    }
  }

  private static func finding(_ errno: Errno) -> PollerError.Code {
    switch errno {
    // EINVAL is a number that no process has.
    case .noSuchProcess, .noChildProcess, .invalidArgument: .noSuchProcess
    default: making(errno)
    }
  }

  private static func creating(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .addressFamilyNotSupported, .protocolNotSupported, .protocolWrongTypeForSocket, .socketTypeNotSupported,
      .invalidArgument:
      .unsupported
    case .permissionDenied, .notPermitted: .permissionDenied
    default: common(errno)
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
    default: common(errno)
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
  package init(result: SystemCallResult, of call: SystemCall) {
    let errno = Errno(rawValue: -result)
    self.init(call.code(for: errno), errno: errno)
  }
}

/// The result, if it is one.
@discardableResult
package func check(_ result: CInt, of call: SystemCall) throws(PollerError) -> CInt {
  guard result >= 0 else { throw PollerError(result: result, of: call) }
  return result
}
