public import SystemPackage

/// Why a call failed: a code to switch on, and the system's own error where one is behind it.
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
  /// The error that the system call gave, if one did.
  public let errno: Errno?

  /// An error as Amy would throw it, for tests of code that catches it.
  public init(_ code: Code, errno: Errno? = nil) {
    self.code = code
    self.errno = errno
  }
}

extension PollerError {
  /// What can go wrong, the same on every kernel.
  ///
  /// More codes may come: switch with `@unknown default`.
  @nonexhaustive
  public enum Code: Hashable, Sendable {
    // Polling and registering.

    /// The poller was closed, or dropped.
    case closed
    /// This process is a forked child of the one that made the poller.
    case forked
    /// The descriptor is registered with this poller already; or a signal is a source already, of any poller.
    case alreadyRegistered
    /// The descriptor is not registered with this poller.
    case notRegistered
    /// The descriptor is registered as shared, which cannot be changed; or it is the poller's own, which never is registered.
    case registeredAsShared
    /// The kernel cannot wait for this kind of file.
    case notPollable
    /// The number is not that of a descriptor that is open for this.
    case badDescriptor
    /// Pollers nested too deeply, or in a circle.
    case nestedTooDeeply
    /// The process, or the system, has no descriptor left.
    case descriptorLimit
    /// The user may register no more descriptors.
    case watchLimit
    /// The kernel has no memory left.
    case outOfMemory
    /// This kernel does not have what was asked for, or a filter around the process (seccomp, a container's) refuses it.
    case unsupported
    /// An argument is outside of what the call takes.
    case invalidArgument
    /// Signals that a poller is to take are not blocked.
    case signalsNotBlocked
    /// The process is no child of this one, or was waited for already, perhaps by somebody else.
    case noSuchProcess

    // Sockets.

    /// Something else has that address.
    case addressInUse
    /// This machine does not have that address, interface or free port, or the file behind it is not there.
    case addressNotAvailable
    /// Nothing listens there.
    case connectionRefused
    /// The listener has as many connections waiting to be accepted as it can hold.
    case backlogFull
    /// The peer is gone; what was under way is lost.
    case connectionReset
    /// The socket is not connected.
    case notConnected
    /// No way leads there.
    case unreachable
    /// No answer came in time.
    case timedOut
    /// The system does not allow it.
    case permissionDenied
    /// The datagram is longer than can be sent in one.
    case messageTooLong
    /// The name belongs to no address.
    case nameNotFound
    /// The device, or the file system, has no room left.
    case noSpace
    /// The device failed, or a terminal's other end is gone.
    case ioError

    /// What no other code covers: see ``PollerError/errno``.
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
      the descriptor is registered with this poller already: reregister it to change what it waits for; or the signal is a \
      source already: drop that registration first, or make the new one with its id
      """
    case .notRegistered:
      "the descriptor is not registered with this poller: register it first, or it was closed without being deregistered"
    case .registeredAsShared:
      "a shared registration cannot be changed: deregister it, and register it anew (and no poller with itself)"
    case .notPollable:
      "the kernel cannot wait for this file: read and write regular files directly, and register no poller with itself"
    case .badDescriptor:
      "no descriptor that is open for this has the number (with O_PATH none is): deregister before closing, and close once"
    case .nestedTooDeeply:
      "pollers are nested in a circle or more than five deep: register one of them elsewhere"
    case .descriptorLimit:
      "no descriptor is left: close some, or raise the limit (ulimit -n; for the system, fs.file-max)"
    case .watchLimit:
      "the user may register no more descriptors: raise fs.epoll.max_user_watches"
    case .outOfMemory:
      "the kernel has no memory left for it: have fewer descriptors and smaller buffers, or give the process more"
    case .unsupported:
      """
      this kernel does not have what was asked for, or a container's filter refuses it: see the table of differences in the \
      documentation
      """
    case .invalidArgument:
      "an argument is outside of what the call takes: see its documentation"
    case .signalsNotBlocked:
      "the signals are not blocked: call Signals.block() on the first thread, before it starts others"
    case .noSuchProcess:
      """
      the process is no child of this one, or was waited for already: register it before anybody waits for it, as waitpid for \
      any child and Foundation's Process do, and do not ignore SIGCHLD
      """
    case .addressInUse:
      "the address is in use, or the group is joined: choose another, end whoever has it, or remove the socket's file"
    case .addressNotAvailable:
      "this machine does not have that address, interface, socket file, or a free port: check it for a slip"
    case .connectionRefused:
      "nothing listens at that address: start the server, or check the address"
    case .backlogFull:
      "the listener's backlog is full: try again a little later, or make it accept faster"
    case .connectionReset:
      "the peer is gone: close the socket"
    case .notConnected:
      "the socket is not connected: connect it first and wait until it is writable, or close it if it was"
    case .unreachable:
      "no route leads to that address: check the network"
    case .timedOut:
      "no answer came in time: try again later"
    case .permissionDenied:
      """
      the system does not allow it: look at the port (below 1024), the socket's file and its folder, the option for \
      broadcasts, the firewall, and what confines the process
      """
    case .messageTooLong:
      "the datagram is longer than can be sent in one: send less"
    case .nameNotFound:
      "no address belongs to that name: check its spelling, or the resolver"
    case .noSpace:
      "no room is left: make some on the device, or raise the limit (a quota, ulimit -f)"
    case .ioError:
      "the device failed, or the terminal's other end is gone: close the descriptor"
    case .other:
      "the system call failed: its manual page tells what the error in parentheses means for it"
    }
  }
}
