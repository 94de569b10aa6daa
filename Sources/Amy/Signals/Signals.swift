internal import CAmy

/// A set of signals, for a ``SignalRegistration``: signal(7).
///
/// ```swift
/// let signals: Signals = [.interrupt, .terminate]
/// signals.block()  // on the first thread, before it starts others: they inherit it
/// ```
public struct Signals: OptionSet, Hashable, Sendable {
  /// Bit n − 1 is signal n.
  public let rawValue: UInt64

  /// The set that a number stands for.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// One signal, from 1 to 64; any other number gives the empty set, which ``SignalRegistration`` refuses.
  public init(number: Int32) {
    self.init(rawValue: (1...64).contains(number) ? 1 << UInt64(number - 1) : 0)
  }

  /// SIGHUP: the terminal is gone, or a daemon should read its configuration.
  public static var hangUp: Signals { Signals(number: amy_signal_hang_up) }
  /// SIGINT: Control-C.
  public static var interrupt: Signals { Signals(number: amy_signal_interrupt) }
  /// SIGQUIT: Control-\.
  public static var quit: Signals { Signals(number: amy_signal_quit) }
  /// SIGTERM: a request to end, such as a service manager's.
  public static var terminate: Signals { Signals(number: amy_signal_terminate) }
  /// SIGUSR1: the program gives it a meaning.
  public static var user1: Signals { Signals(number: amy_signal_user1) }
  /// SIGUSR2: the program gives it a meaning.
  public static var user2: Signals { Signals(number: amy_signal_user2) }
  /// SIGCHLD: a child has ended, stopped or continued; for the end of one child see ``ProcessRegistration``.
  public static var child: Signals { Signals(number: amy_signal_child) }
  /// SIGWINCH: the size of the terminal has changed.
  public static var windowChange: Signals { Signals(number: amy_signal_window_change) }
  /// Every signal: a set for threads that should take none, but no source, since some cannot be blocked.
  public static var all: Signals { Signals(rawValue: .max) }

  /// Blocks the signals in this thread, and in all threads that it starts from now on: pthread_sigmask(3).
  ///
  /// Call it before all else, so that every thread blocks them. SIGKILL, SIGSTOP, and the signals that the C library keeps for
  /// itself (32 and 33 with glibc) cannot be blocked, and stay as they are.
  ///
  /// **Child processes inherit what is blocked**, also over exec: a child started from such a thread does not end by a
  /// `SIGTERM`. Start it in ``withUnblocked(_:)``, or give it a mask of its own (posix_spawn(3), `POSIX_SPAWN_SETSIGMASK`).
  public func block() {
    amy_signals_block(rawValue)
  }

  /// Unblocks the signals in this thread; threads that it started before stay as they are.
  ///
  /// A pending signal goes to its ``SignalRegistration`` at once, or else takes its default action.
  public func unblock() {
    _ = amy_signals_unblock(rawValue)
  }

  /// Unblocks the signals in this thread while a closure runs, then blocks again those that were blocked.
  ///
  /// ```swift
  /// try signals.withUnblocked { try process.run() }
  /// ```
  ///
  /// For starting a child process, which inherits what is blocked. A signal that arrives meanwhile is still reported if it is a
  /// source, see ``SignalRegistration``; otherwise it takes its usual action. Two system calls.
  public func withUnblocked<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let blocked = amy_signals_unblock(rawValue)
    defer { amy_signals_block(blocked) }
    return try body()
  }

  /// Whether this thread blocks all of the signals.
  public var areBlocked: Bool { amy_signals_are_blocked(rawValue) }

  /// The set is not empty, and each signal can be blocked.
  internal var arePossible: Bool { !isEmpty && rawValue & ~amy_signals_possible() == 0 }
}

extension Signals: CustomStringConvertible {
  /// Names or numbers, such as `SIGINT, SIGTERM`.
  public var description: String {
    let names: [(Signals, String)] = [
      (.hangUp, "SIGHUP"), (.interrupt, "SIGINT"), (.quit, "SIGQUIT"), (.terminate, "SIGTERM"), (.user1, "SIGUSR1"),
      (.user2, "SIGUSR2"), (.child, "SIGCHLD"), (.windowChange, "SIGWINCH"),
    ]
    let numbers = (1...64 as ClosedRange<Int32>).filter { contains(Signals(number: $0)) }
    return numbers.map { number in names.first { $0.0 == Signals(number: number) }?.1 ?? "signal \(number)" }
      .joined(separator: ", ")
  }
}
