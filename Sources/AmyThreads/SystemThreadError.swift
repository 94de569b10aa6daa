internal import CAmyThreads
public import SystemPackage

/// Why there is no thread, or why it is not as it was to be: a code to switch on, and the system's own error.
public struct SystemThreadError: Error, Hashable, Sendable {
  /// What went wrong.
  public let code: Code
  /// The error that the system call gave, if one did.
  public let errno: Errno?

  /// An error as AmyThreads would throw it, for tests of code that catches it.
  public init(_ code: Code, errno: Errno? = nil) {
    self.code = code
    self.errno = errno
  }

  /// The error of a call that returned the negated errno.
  internal init(result: Int32, of step: amy_thread_step) {
    let errno = Errno(rawValue: -result)
    self.init(Self.code(of: errno, step), errno: errno)
  }

  private static func code(of errno: Errno, _ step: amy_thread_step) -> Code {
    switch (errno, step) {
    case (.noMemory, _): .outOfMemory
    case (.resourceTemporarilyUnavailable, amy_thread_step_create): .threadLimit
    case (.invalidArgument, amy_thread_step_processors): .processorNotAvailable
    case (.noFunction, _), (.notPermitted, _), (.permissionDenied, _): .unsupported
    case (.invalidArgument, amy_thread_step_timer_slack): .unsupported
    default: .other
    }
  }
}

extension SystemThreadError {
  /// What can go wrong.
  ///
  /// More codes may come: switch with `@unknown default`.
  @nonexhaustive
  public enum Code: Hashable, Sendable {
    /// The system starts no more threads for this user, this process or this container.
    case threadLimit
    /// There is no memory for it.
    case outOfMemory
    /// A processor does not exist, is offline, or may not be used; or none was named.
    case processorNotAvailable
    /// This system does not have what was asked for, or a filter around the process (seccomp, a container's) refuses it.
    case unsupported
    /// What no other code covers: see ``SystemThreadError/errno``.
    case other
  }
}

extension SystemThreadError: CustomStringConvertible {
  /// What went wrong and what to do about it, with the system's error in parentheses.
  public var description: String {
    let advice =
      switch code {
      case .threadLimit:
        "the system starts no more threads: use fewer, or raise the limit (ulimit -u; in a container, pids.max)"
      case .outOfMemory: "there is no memory for a thread: use fewer, or give the process more"
      case .processorNotAvailable:
        "a processor does not exist, is offline, or is not for this process: ask CurrentThread.processors for those that are"
      case .unsupported:
        "this system does not have processors or timer slack of a thread, or a filter refuses them: do without"
      case .other: "the system call failed: its manual page tells what the error in parentheses means for it"
      }
    return errno.map { "\(advice) (\($0.description))" } ?? advice
  }
}
