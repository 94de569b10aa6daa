import Amy
import SystemPackage

#if KqueueModel
import Glibc
#endif

/// The differences in how kernels keep a promise: only here do tests expect different results.
package struct KernelDifferences: Sendable {
  /// The readiness of a full pipe's writer when the reader is closed.
  ///
  /// epoll has only `EPOLLERR`, as for other errors; kqueue's write filter reports `EV_EOF`.
  package let writerWithoutReader: Readiness

  /// Whether a pipe's writer can be registered for writing after the reader is closed.
  ///
  /// FreeBSD and NetBSD cannot attach a write filter then (`pipe_kqfilter` returns an error): registering throws
  /// ``PollerError/Code/connectionReset``. XNU and OpenBSD can, and report `EV_EOF`.
  package let registersWritersWithoutReader: Bool

  /// Whether two ready directions are one event even if a wait has room for few.
  ///
  /// kqueue has an entry for each: the second direction of the last event that fits may come with the next reregister or wait.
  package let tellsBothDirections: Bool

  /// Whether a stream that shut down its own writing is told so, as a writer.
  ///
  /// kqueue's write filter reports `EV_EOF` (FreeBSD: `filt_sowrite`, `SBS_CANTSENDMORE`); epoll waits for the peer's end, too.
  package let tellsOwnEnd: Bool

  /// Whether ``Interest/priority`` exists: only with epoll; elsewhere it is a typed error.
  package let hasPriority: Bool

  /// Whether a poller can watch another for writing, which is never reported.
  ///
  /// A kqueue has no write filter (FreeBSD and XNU: `kqueue_kqfilter`): ``PollerError/Code/notPollable``.
  package let watchesPollersForWriting: Bool

  /// The error of registering a poller with one that is registered with it, or nil.
  ///
  /// epoll looks for cycles, XNU for the depth of nested queues (`kqueue_kqfilter`); on the BSDs the two keep each other
  /// readable.
  package let circle: PollerError?

  /// The readiness of a pipe's reading end that is watched for writing.
  ///
  /// A pipe of FreeBSD and OpenBSD is bidirectional (`kern_pipe`, `dopipe`), so writable.
  package let wrongEndOfPipe: Readiness

  /// Whether a forked child inherits the queue's descriptor.
  ///
  /// kqueue(2): "The queue is not inherited by a child created with fork(2)."
  package let isInheritedByFork: Bool

  /// The ways to make a child with a copy of a poller.
  ///
  /// Only Linux has `clone`. The double of kqueue takes locks, and learns of a fork by pthread_atfork(3), but not of a clone:
  /// another thread's lock would stay held in that child forever.
  package let childKinds: [ChildKind]

  /// Whether a signal is reported if a thread takes it that does not block it.
  ///
  /// A handler keeps it from a signalfd; a kqueue counts every signal. The double counts only those that the process sends
  /// itself by kill(2): a signalfd, its source for others, never gets a signal that a thread takes.
  package let tellsUnblockedSignals: Bool

  /// Whether a source that several pollers share wakes only one sleeping thread: `EPOLLEXCLUSIVE`, not kqueue.
  package let wakesOneOfSeveral: Bool

  /// Whether a signal that another thread sends itself by raise(3) is reported.
  ///
  /// A signalfd gives its reader the reading thread's signals and the process's; kqueue counts all.
  package let tellsDirectedSignals: Bool

  /// Whether the clock is simulated, and skips idle days.
  package let takesDaysAtOnce: Bool
}

extension KernelDifferences {
  package static let epoll = KernelDifferences(
    writerWithoutReader: [.writable, .error], registersWritersWithoutReader: true, tellsBothDirections: true,
    tellsOwnEnd: false, hasPriority: true, watchesPollersForWriting: true,
    circle: PollerError(.nestedTooDeeply, errno: .tooManySymbolicLinkLevels), wrongEndOfPipe: [], isInheritedByFork: true,
    childKinds: ChildKind.allCases, tellsUnblockedSignals: true, wakesOneOfSeveral: true, tellsDirectedSignals: false,
    takesDaysAtOnce: false)

  package static let freeBSD = kqueue(registersWritersWithoutReader: false, circle: nil, wrongEndOfPipe: .writable)
  package static let openBSD = kqueue(registersWritersWithoutReader: true, circle: nil, wrongEndOfPipe: .writable)
  package static let netBSD = kqueue(registersWritersWithoutReader: false, circle: nil, wrongEndOfPipe: [])
  package static let xnu = kqueue(
    registersWritersWithoutReader: true, circle: PollerError(.notPollable, errno: .notPermitted), wrongEndOfPipe: [])

  private static func kqueue(
    registersWritersWithoutReader: Bool, circle: PollerError?, wrongEndOfPipe: Readiness
  ) -> KernelDifferences {
    KernelDifferences(
      writerWithoutReader: [.writable, .writeClosed], registersWritersWithoutReader: registersWritersWithoutReader,
      tellsBothDirections: false, tellsOwnEnd: true, hasPriority: false, watchesPollersForWriting: false, circle: circle,
      wrongEndOfPipe: wrongEndOfPipe, isInheritedByFork: false, childKinds: [.forked], tellsUnblockedSignals: false,
      wakesOneOfSeveral: false, tellsDirectedSignals: true, takesDaysAtOnce: false)
  }

  /// It has no pipes, nested pollers or processes; tests do not ask for them.
  package static let simulated = KernelDifferences(
    writerWithoutReader: [], registersWritersWithoutReader: true, tellsBothDirections: true, tellsOwnEnd: false,
    hasPriority: false, watchesPollersForWriting: true, circle: nil, wrongEndOfPipe: [], isInheritedByFork: true,
    childKinds: [], tellsUnblockedSignals: false, wakesOneOfSeveral: false, tellsDirectedSignals: true,
    takesDaysAtOnce: true)

  /// The differences of the kernel that Amy runs on.
  package static let system: KernelDifferences = {
    #if KqueueModel
    // The double of kqueue(2) imitates one of these.
    switch getenv("KQUEUE_MODEL_PROFILE").map({ String(cString: $0) }) {
    case "xnu": xnu
    case "openbsd": openBSD
    case "netbsd": netBSD
    default: freeBSD
    }
    #elseif canImport(Darwin)
    xnu
    #elseif os(FreeBSD)
    freeBSD
    #elseif os(OpenBSD)
    openBSD
    #elseif os(Linux)
    epoll
    #else
    #error("say what is different on this system")
    #endif
  }()
}
