internal import SystemPackage

/// What a system call of CAmy gave back: a result of zero or more, or the negated errno.
package typealias SystemCallResult = CInt

extension PollerError {
  /// The error behind a negative result, for calls about sockets and descriptors in general; a caller that knows better
  /// what an errno means for its call says so first.
  @inline(never)
  package init(result: SystemCallResult) {
    let errno = Errno(rawValue: -result)
    self.init(Code(errno), errno: errno)
  }
}

extension PollerError.Code {
  fileprivate init(_ errno: Errno) {
    self =
      switch errno {
      case .badFileDescriptor: .badDescriptor
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem: .descriptorLimit
      case .noMemory, .noBufferSpace: .outOfMemory
      // Of all calls that are made here, epoll_ctl(2) alone.
      case .noSpace: .watchLimit
      case .invalidArgument, .notSocket: .invalidArgument
      case .noFunction, .notSupported, .protocolNotSupported, .protocolNotAvailable, .addressFamilyNotSupported: .unsupported
      case .addressInUse: .addressInUse
      case .addressNotAvailable, .noSuchFileOrDirectory, .notDirectory: .addressNotAvailable
      case .connectionRefused: .connectionRefused
      case .connectionReset, .brokenPipe, .connectionAbort: .connectionReset
      case .socketNotConnected, .addressRequired: .notConnected
      case .networkUnreachable, .noRouteToHost, .networkDown, .hostIsDown: .unreachable
      case .timedOut: .timedOut
      case .permissionDenied, .notPermitted: .permissionDenied
      case .messageTooLong: .messageTooLong
      default: .other
      }
  }
}

/// The result, if it is one.

@discardableResult
package func check(_ result: CInt) throws(PollerError) -> CInt {
  guard result >= 0 else { throw PollerError(result: result) }
  return result
}
