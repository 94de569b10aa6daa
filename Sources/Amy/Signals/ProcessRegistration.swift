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
/// Nothing is reaped: whoever waits for the child, waitpid(2), still can and still must. Register before that is done: a number
/// that was waited for may be another process's. One descriptor: pidfd_open(2), Linux 5.3; or a kqueue of its own with
/// `EVFILT_PROC`.
///
/// Dropping it ends it, and `_ =` drops it at once.
///
/// Who else reaps the child takes its status: waitpid(2) for any child, Foundation's `Process`, which waits for its own, and
/// the system itself where `SIGCHLD` is ignored. The event comes all the same if the child was registered before; then
/// ``status()`` throws ``PollerError/Code/noSuchProcess``.
public struct ProcessRegistration: ~Copyable, Sendable {
  /// The child's number.
  public let processID: Int32
  private let link: InternalDescriptorLink

  /// Begins to watch a child of this process.
  ///
  /// - Parameters:
  ///   - processID: As fork(2) or posix_spawn(3) gave it.
  ///   - id: What its event is to carry: from ``Registrar/reserveID()``, or a fresh one.
  ///   - registrar: Of the poller that is to tell it.
  /// - Throws: ``PollerError/Code/noSuchProcess`` for what is no child, or was waited for already;
  ///   ``PollerError/Code/descriptorLimit``; ``PollerError/Code/unsupported`` on an older kernel, or where a container's filter
  ///   refuses pidfd_open(2) (`ENOSYS`, `EPERM`, `EACCES`); and whatever registering throws. After an error nothing is left,
  ///   and a registration with the same id goes on.
  public init(of processID: Int32, as id: Event.ID? = nil, with registrar: Registrar) throws(PollerError) {
    let core = registrar.core
    if let refusal = core.refusal { throw refusal }
    // These are no numbers of a process: waitid(2) has another error for them, or other processes.
    if processID <= 0 { throw PollerError(.noSuchProcess) }
    let link = try InternalDescriptorLink(
      InternalDescriptor(processID, as: id ?? registrar.reserveID(), core.liveness.forkDetector), core)
    self.processID = processID
    self.link = link
  }

  /// What its event carries.
  public var id: Event.ID { link.source.id }

  /// How the child ended, or nil while it runs.
  ///
  /// One system call: waitid(2), which leaves the child to be waited for. Throws ``PollerError/Code/noSuchProcess`` once
  /// somebody has, or the system itself, where `SIGCHLD` is ignored; and ``PollerError/Code/forked``.
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
