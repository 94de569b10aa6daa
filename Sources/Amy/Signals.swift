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

  /// The signal of a number from 1 to 64; the empty set for any other.
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

  /// Blocks them in this thread, and in all threads that it starts from now on: pthread_sigmask(3).
  ///
  /// Call it first of all. A thread that was started before, by a library perhaps, can still be ended by them.
  public func block() {
    amy_signals_block(rawValue)
  }

  /// Whether all of them are blocked in this thread.
  public var areBlocked: Bool { amy_signals_are_blocked(rawValue) }
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
