import Amy
import SystemPackage

#if KqueueModel
import Glibc
#endif

/// Where kernels keep a promise in ways of their own: the one place where tests expect one thing here and another there.
///
/// `BackendContractTests` and the rest of the suite read their expectations from here. What is not in it is the same everywhere.
package struct KernelDifferences: Sendable {
  /// What the writer of a full pipe hears when its reader goes.
  ///
  /// epoll knows `EPOLLERR` alone, which it also says of other errors; kqueue's write filter says `EV_EOF`.
  package let writerWithoutReader: Readiness

  /// Whether a pipe's writer can be registered for writing when its reader is gone already.
  ///
  /// On FreeBSD and NetBSD a write filter cannot be attached then (`pipe_kqfilter` returns an error): registering throws
  /// ``PollerError/Code/connectionReset``. On XNU and OpenBSD it can, and says `EV_EOF`.
  package let registersWritersWithoutReader: Bool

  /// Whether both directions that are ready are one event also where a wait has room for few.
  ///
  /// kqueue has an entry for each: of the last that fits the other direction may come with the next reregister, or the next wait.
  package let tellsBothDirections: Bool

  /// Whether who shut down writing himself is told, as a writer, that his side is closed.
  ///
  /// kqueue's write filter says `EV_EOF` then (FreeBSD: `filt_sowrite`, `SBS_CANTSENDMORE`); epoll waits for the peer's end, too.
  package let tellsOwnEnd: Bool

  /// Whether there is ``Interest/priority``.
  ///
  /// Only epoll has it: a typed error elsewhere.
  package let hasPriority: Bool

  /// Whether a poller can be watched for writing by another one, which never is told anything.
  ///
  /// A kqueue has no write filter (FreeBSD: `kqueue_kqfilter`, XNU: the same): ``PollerError/Code/notPollable``.
  package let watchesPollersForWriting: Bool

  /// How registering a poller with one that is registered with it is refused, or nil where it is not.
  ///
  /// epoll looks for circles; XNU for the depth of nested queues (`kqueue_kqfilter`); the BSDs for nothing, and the two keep one
  /// another readable.
  package let circle: PollerError?

  /// What the reading end of a pipe tells whoever wants to write to it.
  ///
  /// A pipe of FreeBSD and OpenBSD has two ways (`kern_pipe`, `dopipe`), so that it is writable.
  package let wrongEndOfPipe: Readiness

  /// Whether a forked child has the queue's descriptor.
  ///
  /// kqueue(2): "The queue is not inherited by a child created with fork(2)."
  package let isInheritedByFork: Bool

  /// How a child can come about that has a copy of a poller.
  ///
  /// `clone` is Linux's own. The double of kqueue, which takes locks, cannot know of it, as it knows of fork by
  /// pthread_atfork(3): another thread's lock would be held in such a child for ever.
  package let childKinds: [ChildKind]

  /// Whether a signal is told that a thread takes which does not block it.
  ///
  /// A handler keeps it for a signalfd, and a kqueue counts what comes whatever becomes of it. Its double does so only of what
  /// the process sends itself by kill(2): all else it hears of by a signalfd, which never sees such a signal.
  package let tellsUnblockedSignals: Bool

  /// Whether news of a source that several pollers have registered as shared wakes one of the threads that sleep.
  ///
  /// `EPOLLEXCLUSIVE`; kqueue has nothing like it.
  package let wakesOneOfSeveral: Bool

  /// Whether a signal to one thread, by raise(3) in another, is told as one to the process is.
  ///
  /// A signalfd gives who reads it his own and the process's. kqueue counts all.
  package let tellsDirectedSignals: Bool

  /// Whether the clock is its own, and goes on by days while nothing happens.
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

  /// It has neither pipes nor pollers in one another nor processes, so nobody asks.
  package static let simulated = KernelDifferences(
    writerWithoutReader: [], registersWritersWithoutReader: true, tellsBothDirections: true, tellsOwnEnd: false,
    hasPriority: false, watchesPollersForWriting: true, circle: nil, wrongEndOfPipe: [], isInheritedByFork: true,
    childKinds: [], tellsUnblockedSignals: false, wakesOneOfSeveral: false, tellsDirectedSignals: true,
    takesDaysAtOnce: true)

  /// Those of the kernel that Amy stands on here.
  package static let system: KernelDifferences = {
    #if KqueueModel
    // The double of kqueue(2) is like one system or another.
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
    #else
    epoll
    #endif
  }()
}
