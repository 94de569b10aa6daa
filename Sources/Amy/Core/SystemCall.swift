package import SystemPackage

/// A result of CAmy: zero or more, or the negated errno.
package typealias SystemCallResult = CInt

/// The core's system calls, by what their errors mean: an errno alone says nothing.
///
/// Those of the sockets are in AmySockets. A test checks the table of all, `Documentation/errors.md`.
package enum SystemCall: CaseIterable, Sendable {
  /// For a poller's descriptors: epoll_create1(2), eventfd(2), timerfd_create(2), kqueue(2).
  case open
  /// epoll_ctl(2), kevent(2).
  case change
  /// The same, for a descriptor that is registered.
  case modify
  /// epoll_wait(2), and the write(2) that wakes.
  case wait
  /// signalfd(2).
  case signals
  /// pidfd_open(2), waitid(2).
  case child
}

extension SystemCall {
  package func code(for errno: Errno) -> PollerError.Code {
    switch self {
    case .open, .signals: Self.making(errno)
    case .change: Self.changing(errno)
    // EINVAL: a registration that cannot be changed, or the queue itself, which cannot be registered.
    case .modify: errno == .invalidArgument ? .registeredAsShared : Self.changing(errno)
    case .wait: errno == .invalidArgument ? .badDescriptor : Self.filtered(errno)
    case .child: Self.finding(errno)
    }
  }

  /// For every call, including those of the sockets.
  package static func common(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .badFileDescriptor: .badDescriptor
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem: .descriptorLimit
    case .noMemory, .noBufferSpace: .outOfMemory
    case .noFunction, .notSupported, .protocolNotAvailable: .unsupported
    default: .other
    }
  }

  /// For calls that need no permission: only a filter around the process refuses them with EPERM or EACCES.
  private static func filtered(_ errno: Errno) -> PollerError.Code {
    errno == .notPermitted || errno == .permissionDenied ? .unsupported : common(errno)
  }

  private static func making(_ errno: Errno) -> PollerError.Code {
    // The kernel was built without it, or is too old for its flags.
    errno == .operationNotSupportedByDevice || errno == .invalidArgument ? .unsupported : filtered(errno)
  }

  /// The errors of epoll_ctl(2), which every backend returns.
  private static func changing(_ errno: Errno) -> PollerError.Code {
    switch errno {
    case .fileExists: .alreadyRegistered
    case .noSuchFileOrDirectory: .notRegistered
    // EPERM: a file that cannot be polled; EINVAL: the queue itself.
    case .notPermitted, .invalidArgument: .notPollable
    case .tooManySymbolicLinkLevels: .nestedTooDeeply
    case .noSpace: .watchLimit
    // kqueue's, for the writing end of a pipe without a reader.
    case .brokenPipe: .connectionReset
    default: filtered(errno)
    }
  }

  private static func finding(_ errno: Errno) -> PollerError.Code {
    switch errno {
    // EINVAL: a number that no process has.
    case .noSuchProcess, .noChildProcess, .invalidArgument: .noSuchProcess
    default: making(errno)
    }
  }
}

extension PollerError {
  @inline(never)
  package init(result: SystemCallResult, of call: SystemCall) {
    let errno = Errno(rawValue: -result)
    self.init(call.code(for: errno), errno: errno)
  }
}

@discardableResult
package func check(_ result: CInt, of call: SystemCall) throws(PollerError) -> CInt {
  guard result >= 0 else { throw PollerError(result: result, of: call) }
  return result
}
