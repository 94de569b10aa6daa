import SystemPackage

/// The errors of system calls, with their names.
package enum Errnos {
  package static let all: [(name: String, errno: Errno)] = [
    ("EPERM", .notPermitted), ("ENOENT", .noSuchFileOrDirectory), ("ESRCH", .noSuchProcess), ("EINTR", .interrupted),
    ("EIO", .ioError), ("ENXIO", .noSuchAddressOrDevice), ("E2BIG", .argListTooLong), ("EBADF", .badFileDescriptor),
    ("ECHILD", .noChildProcess), ("EAGAIN", .wouldBlock), ("ENOMEM", .noMemory), ("EACCES", .permissionDenied),
    ("EFAULT", .badAddress), ("EBUSY", .resourceBusy), ("EEXIST", .fileExists), ("ENODEV", .operationNotSupportedByDevice),
    ("ENOTDIR", .notDirectory), ("EISDIR", .isDirectory), ("EINVAL", .invalidArgument), ("ENFILE", .tooManyOpenFilesInSystem),
    ("EMFILE", .tooManyOpenFiles), ("ENOTTY", .inappropriateIOCTLForDevice), ("EFBIG", .fileTooLarge), ("ENOSPC", .noSpace),
    ("ESPIPE", .illegalSeek), ("EROFS", .readOnlyFileSystem), ("EPIPE", .brokenPipe), ("EDOM", .outOfDomain),
    ("ERANGE", .outOfRange), ("EDEADLK", .deadlock), ("ENAMETOOLONG", .fileNameTooLong), ("ENOLCK", .noLocks),
    ("ENOSYS", .noFunction), ("ENOTEMPTY", .directoryNotEmpty), ("ELOOP", .tooManySymbolicLinkLevels),
    ("EOVERFLOW", .overflow), ("EILSEQ", .illegalByteSequence), ("ENOTSOCK", .notSocket), ("EDESTADDRREQ", .addressRequired),
    ("EMSGSIZE", .messageTooLong), ("EPROTOTYPE", .protocolWrongTypeForSocket), ("ENOPROTOOPT", .protocolNotAvailable),
    ("EPROTONOSUPPORT", .protocolNotSupported), ("ESOCKTNOSUPPORT", .socketTypeNotSupported), ("EOPNOTSUPP", .notSupported),
    ("EPFNOSUPPORT", .protocolFamilyNotSupported), ("EAFNOSUPPORT", .addressFamilyNotSupported),
    ("EADDRINUSE", .addressInUse), ("EADDRNOTAVAIL", .addressNotAvailable), ("ENETDOWN", .networkDown),
    ("ENETUNREACH", .networkUnreachable), ("ENETRESET", .networkReset), ("ECONNABORTED", .connectionAbort),
    ("ECONNRESET", .connectionReset), ("ENOBUFS", .noBufferSpace), ("EISCONN", .socketIsConnected),
    ("ENOTCONN", .socketNotConnected), ("ESHUTDOWN", .socketShutdown), ("ETIMEDOUT", .timedOut),
    ("ECONNREFUSED", .connectionRefused), ("EHOSTDOWN", .hostIsDown), ("EHOSTUNREACH", .noRouteToHost),
    ("EALREADY", .alreadyInProcess), ("EINPROGRESS", .nowInProgress), ("ESTALE", .staleNFSFileHandle),
    ("EDQUOT", .diskQuotaExceeded), ("ECANCELED", .canceled), ("EPROTO", .protocolError),
  ]
}
