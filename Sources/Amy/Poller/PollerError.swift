public import SystemPackage

/// Why a call failed: a code to switch on, and the system's own error, if there is one.
///
/// ```swift
/// do {
///   try registrar.register(socket, as: id, for: .readable)
/// } catch where error.code == .closed {
///   return  // the poller is gone: stop
/// }
/// ```
public struct PollerError: Error, Hashable, Sendable {
  /// What went wrong, the same on every kernel.
  public let code: Code
  /// The error of the system call that failed, if one did.
  public let errno: Errno?

  /// An error as Amy would throw it, for tests.
  public init(_ code: Code, errno: Errno? = nil) {
    self.code = code
    self.errno = errno
  }
}

extension PollerError {
  /// The kinds of failure, the same on every kernel.
  ///
  /// More codes may be added: switch with `@unknown default`.
  @nonexhaustive
  public enum Code: Hashable, Sendable {
    // Polling and registering.

    /// The poller was closed or dropped.
    case closed
    /// This process is a forked child of the one that created the poller.
    case forked
    /// The descriptor is already registered with this poller; or a signal is already a source of any poller.
    case alreadyRegistered
    /// The descriptor is not registered with this poller.
    case notRegistered
    /// The descriptor is registered as shared, which cannot be changed; or it is the poller's own, which is never registered.
    case registeredAsShared
    /// The kernel cannot wait for this kind of file.
    case notPollable
    /// The number is not an open descriptor, or not open for this use.
    case badDescriptor
    /// Pollers are nested too deeply, or in a circle.
    case nestedTooDeeply
    /// The process or the system has no descriptor left.
    case descriptorLimit
    /// The user may register no more descriptors.
    case watchLimit
    /// The kernel has no memory left.
    case outOfMemory
    /// This kernel does not support the request, or a filter (seccomp, a container's) refuses it.
    case unsupported
    /// An argument is outside the range that the call takes.
    case invalidArgument
    /// Signals that a poller takes are not blocked.
    case signalsNotBlocked
    /// The process is no child of this one, or was already waited for, perhaps by other code.
    case noSuchProcess

    // Sockets.

    /// The address is already in use.
    case addressInUse
    /// This machine does not have that address, interface or free port, or the socket's file does not exist.
    case addressNotAvailable
    /// Nothing listens at the address.
    case connectionRefused
    /// The listener's queue of connections to accept is full.
    case backlogFull
    /// The peer is gone; data under way is lost.
    case connectionReset
    /// The socket is not connected.
    case notConnected
    /// No route leads to the address.
    case unreachable
    /// No answer came in time.
    case timedOut
    /// The system does not allow it.
    case permissionDenied
    /// The datagram is too long to send.
    case messageTooLong
    /// No address belongs to the name.
    case nameNotFound
    /// The device or the file system has no room left.
    case noSpace
    /// The device failed, or the other end of a terminal is gone.
    case ioError

    /// A failure that no other code covers: see ``PollerError/errno``.
    case other
  }
}

extension PollerError: CustomStringConvertible {
  /// What went wrong and what to do about it, with the system's error in parentheses.
  public var description: String {
    errno.map { "\(code.advice) (\($0.description))" } ?? code.advice
  }
}

extension PollerError.Code {
  fileprivate var advice: String {
    switch self {
    case .closed:
      "the poller is closed: make a new one, and register there"
    case .forked:
      "this process is a forked child, and the poller belongs to its parent: make a new one after the fork"
    case .alreadyRegistered:
      """
      the descriptor is already registered with this poller: reregister it to change its interest; or the signal is already a \
      source: drop that registration first, or make the new one with its id
      """
    case .notRegistered:
      "the descriptor is not registered with this poller: register it first; it may have been closed without deregistering"
    case .registeredAsShared:
      "a shared registration cannot be changed: deregister it, and register it again (and register no poller with itself)"
    case .notPollable:
      "the kernel cannot wait for this file: read and write regular files directly, and register no poller with itself"
    case .badDescriptor:
      "the number is not an open descriptor, or not open for this use (O_PATH never is): deregister before closing; close once"
    case .nestedTooDeeply:
      "pollers are nested in a circle or more than five deep: register one of them elsewhere"
    case .descriptorLimit:
      "no descriptor is left: close some, or raise the limit (ulimit -n; for the system, fs.file-max)"
    case .watchLimit:
      "the user may register no more descriptors: raise fs.epoll.max_user_watches"
    case .outOfMemory:
      "the kernel has no memory left: use fewer descriptors and smaller buffers, or give the process more"
    case .unsupported:
      """
      this kernel does not support the request, or a container's filter refuses it: see the table of differences in the \
      documentation
      """
    case .invalidArgument:
      "an argument is outside the range that the call takes: see its documentation"
    case .signalsNotBlocked:
      "the signals are not blocked: call Signals.block() on the first thread, before it starts others"
    case .noSuchProcess:
      """
      the process is no child of this one, or was already waited for: register it before other code waits for it, as waitpid \
      for any child and Foundation's Process do, and do not ignore SIGCHLD
      """
    case .addressInUse:
      "the address is in use, or the group is already joined: choose another, end its owner, or remove the socket's file"
    case .addressNotAvailable:
      "this machine does not have that address, interface, socket file, or a free port: check it for a slip"
    case .connectionRefused:
      "nothing listens at that address: start the server, or check the address"
    case .backlogFull:
      "the listener's backlog is full: try again later, or make it accept faster"
    case .connectionReset:
      "the peer is gone: close the socket"
    case .notConnected:
      "the socket is not connected: connect it first and wait until it is writable, or close it if it was connected"
    case .unreachable:
      "no route leads to that address: check the network"
    case .timedOut:
      "no answer came in time: try again later"
    case .permissionDenied:
      """
      the system does not allow it: check the port (below 1024), the socket's file and its directory, the broadcast option, \
      the firewall, and what confines the process
      """
    case .messageTooLong:
      "the datagram is too long to send: send less"
    case .nameNotFound:
      "no address belongs to that name: check its spelling, or the resolver"
    case .noSpace:
      "no room is left: make some on the device, or raise the limit (a quota, ulimit -f)"
    case .ioError:
      "the device failed, or the terminal's other end is gone: close the descriptor"
    case .other:
      "the system call failed: its manual page says what the error in parentheses means"
    }
  }
}
