internal import CAmyThreads
public import SystemPackage

/// Why a thread could not be started, or get a setting: a code to switch on, and the system's own error.
public struct SystemThreadError: Error, Hashable, Sendable {
  /// What went wrong.
  public let code: Code
  /// The error of the system call, if one failed.
  public let errno: Errno?

  /// An error as AmyThreads would throw it, for tests.
  public init(_ code: Code, errno: Errno? = nil) {
    self.code = code
    self.errno = errno
  }

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
    /// There is no memory for a thread.
    case outOfMemory
    /// A processor does not exist, is offline, or may not be used; or the set is empty.
    case processorNotAvailable
    /// This system lacks the setting, or a filter (seccomp, a container's) refuses it.
    case unsupported
    /// No other code covers the error: see ``SystemThreadError/errno``.
    case other
  }
}

extension SystemThreadError: CustomStringConvertible {
  /// The error and advice, with the system's error in parentheses.
  public var description: String {
    let advice =
      switch code {
      case .threadLimit:
        "the system starts no more threads: use fewer, or raise the limit (ulimit -u; in a container, pids.max)"
      case .outOfMemory: "there is no memory for a thread: use fewer threads, or give the process more memory"
      case .processorNotAvailable:
        "a processor does not exist, is offline, or is not for this process: CurrentThread.processors has those that are"
      case .unsupported:
        "this system cannot set a thread's processors or timer slack, or a filter refuses it: do without them"
      case .other: "the system call failed: its manual page explains the error in parentheses"
      }
    return errno.map { "\(advice) (\($0.description))" } ?? advice
  }
}
