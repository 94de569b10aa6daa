internal import CAmy

/// A child process as a source: its end makes one event, also if it has ended already.
///
/// ```swift
/// let child = try ProcessRegistration(of: pid, with: poller.registrar)
/// // when the event has come:
/// switch try child.status() {
/// case .exited(let code)?: print("exited with \(code)")
/// case .signalled(let number)?: print("ended by signal \(number)")
/// case nil: break  // it still runs
/// }
/// ```
///
/// Nothing is reaped: other code can, and must, wait for the child with waitpid(2). Register before that wait, after which the
/// number may be another process's. One descriptor: pidfd_open(2), Linux 5.3; or a kqueue with `EVFILT_PROC`.
///
/// Dropping the registration ends it, and `_ =` drops it at once.
///
/// The status is lost to other code that reaps the child: waitpid(2) for any child, Foundation's `Process` for its own, and the
/// system where `SIGCHLD` is ignored. The event still comes if the child was registered before; then ``status()`` throws
/// ``PollerError/Code/noSuchProcess``.
public struct ProcessRegistration: ~Copyable, Sendable {
  /// The child's process number.
  public let processID: Int32
  private let link: InternalDescriptorLink

  /// Starts to watch a child of this process.
  ///
  /// - Parameters:
  ///   - processID: From fork(2) or posix_spawn(3).
  ///   - id: From ``Registrar/reserveID()``, or nil for a fresh one.
  ///   - registrar: Of the poller that reports the event.
  /// - Throws: ``PollerError/Code/noSuchProcess`` for a process that is no child, or was waited for;
  ///   ``PollerError/Code/descriptorLimit``; ``PollerError/Code/unsupported`` on an older kernel, or where a container's filter
  ///   refuses pidfd_open(2) (`ENOSYS`, `EPERM`, `EACCES`); and the errors of registering. After an error nothing is left, and
  ///   a registration with the same id continues.
  public init(of processID: Int32, as id: Event.ID? = nil, with registrar: Registrar) throws(PollerError) {
    let core = registrar.core
    if let refusal = core.refusal { throw refusal }
    // For these, waitid(2) returns another error, or waits for other processes.
    if processID <= 0 { throw PollerError(.noSuchProcess) }
    let link = try InternalDescriptorLink(
      InternalDescriptor(processID, as: id ?? registrar.reserveID(), core.liveness.forkDetector), core)
    self.processID = processID
    self.link = link
  }

  /// The id that its event carries.
  public var id: Event.ID { link.source.id }

  /// Returns how the child ended, or nil while it runs.
  ///
  /// One system call: waitid(2), which does not reap the child. Throws ``PollerError/Code/noSuchProcess`` after other code has
  /// waited for it, or the system has, where `SIGCHLD` is ignored; and ``PollerError/Code/forked``.
  public func status() throws(PollerError) -> ExitStatus? {
    if link.isForked { throw PollerError(.forked) }
    let status = amy_child_status(processID)
    switch status.how {
    case 0: return nil
    case 1: return .exited(code: status.number)
    case 2: return .signalled(number: status.number)
    default: throw PollerError(result: status.how, of: .child)
    }
  }

  /// How a process ended.
  public enum ExitStatus: Hashable, Sendable {
    /// By itself, with this code.
    case exited(code: Int32)
    /// By this signal.
    case signalled(number: Int32)
  }
}
