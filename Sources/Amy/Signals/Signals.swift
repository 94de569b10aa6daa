internal import CAmy

/// A set of signals, as a ``SignalRegistration`` waits for: signal(7).
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

  /// The signal of a number from 1 to 64; the empty set for any other, which ``SignalRegistration`` refuses.
  public init(number: Int32) {
    self.init(rawValue: (1...64).contains(number) ? 1 << UInt64(number - 1) : 0)
  }

  /// SIGHUP: the terminal is gone, or a daemon is to read its configuration.
  public static var hangUp: Signals { Signals(number: amy_signal_hang_up) }
  /// SIGINT: Control-C.
  public static var interrupt: Signals { Signals(number: amy_signal_interrupt) }
  /// SIGQUIT: Control-\.
  public static var quit: Signals { Signals(number: amy_signal_quit) }
  /// SIGTERM: somebody, as the system's service manager, asks to end.
  public static var terminate: Signals { Signals(number: amy_signal_terminate) }
  /// SIGUSR1: what the program likes.
  public static var user1: Signals { Signals(number: amy_signal_user1) }
  /// SIGUSR2: what the program likes.
  public static var user2: Signals { Signals(number: amy_signal_user2) }
  /// SIGCHLD: a child has ended, stopped or gone on; see ``ProcessRegistration`` for the end of a certain one.
  public static var child: Signals { Signals(number: amy_signal_child) }
  /// SIGWINCH: the terminal has another size.
  public static var windowChange: Signals { Signals(number: amy_signal_window_change) }
  /// Every signal, for threads that are to take none: to be blocked, and no source, since some cannot be.
  public static var all: Signals { Signals(rawValue: .max) }

  /// Blocks them in this thread, and in all threads that it starts from now on: pthread_sigmask(3).
  ///
  /// Call it first of all, so that every thread blocks them. SIGKILL, SIGSTOP, and the signals that the C library keeps for
  /// itself (32 and 33 with glibc) stay as they are: nothing blocks them.
  ///
  /// **Child processes inherit what is blocked**, also over exec: one that is started from such a thread does not end by a
  /// `SIGTERM`. Start it in ``withUnblocked(_:)``, or give it a mask of its own (posix_spawn(3), `POSIX_SPAWN_SETSIGMASK`).
  public func block() {
    amy_signals_block(rawValue)
  }

  /// Blocks them no more in this thread; what it started before goes on as it is.
  ///
  /// One that is pending is delivered at once: to its ``SignalRegistration`` if there is one, else it does what it does by
  /// default.
  public func unblock() {
    _ = amy_signals_unblock(rawValue)
  }

  /// Calls a closure in which this thread does not block them, and blocks again those that it blocked before: for starting a
  /// child process, which inherits what is blocked.
  ///
  /// ```swift
  /// try signals.withUnblocked { try process.run() }
  /// ```
  ///
  /// A signal that comes meanwhile is told all the same if it is a source, see ``SignalRegistration``; else it does what it
  /// always does. Two system calls.
  public func withUnblocked<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let blocked = amy_signals_unblock(rawValue)
    defer { amy_signals_block(blocked) }
    return try body()
  }

  /// Whether all of them are blocked in this thread.
  public var areBlocked: Bool { amy_signals_are_blocked(rawValue) }

  /// Whether they can be a source: there is one, and nothing keeps any of them from being blocked.
  internal var arePossible: Bool { !isEmpty && rawValue & ~amy_signals_possible() == 0 }
}

extension Signals: CustomStringConvertible {
  /// Their names or numbers, as in `SIGINT, SIGTERM`.
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
