internal import CAmyThreads

/// Signals that a thread takes by waiting for them, and no handler: signal(7).
///
/// ```swift
/// let signals: SignalSet = [.interrupt, .terminate]
/// signals.block()  // on the first thread, before it starts others: they inherit it
/// let signal = signals.wait()
/// ```
package struct SignalSet: OptionSet, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The signal of that number, from 1 to 64.
  package init(number: Int32) {
    self.init(rawValue: 1 << UInt64(number - 1))
  }

  /// SIGHUP: the terminal is gone.
  package static let hangUp = SignalSet(number: 1)
  /// SIGINT: Control-C.
  package static let interrupt = SignalSet(number: 2)
  /// SIGTERM: somebody, as the system's service manager, asks to end.
  package static let terminate = SignalSet(number: 15)

  /// Blocks them in this thread, and in all threads that it starts from now on.
  package func block() {
    amy_signals_block(rawValue)
  }

  /// Waits until one of them has come, and takes it; nil when the time is over.
  ///
  /// They must be blocked in every thread.
  ///
  /// - Parameter timeout: How long to wait; nil waits for ever.
  /// - Returns: One signal, or nil.
  package func wait(timeout: Duration? = nil) -> SignalSet? {
    let nanoseconds = timeout.map { UInt64(clamping: $0.attoseconds / 1_000_000_000) } ?? .max
    let number = amy_signals_wait(rawValue, nanoseconds)
    return number > 0 ? SignalSet(number: number) : nil
  }
}

extension SignalSet: CustomStringConvertible {
  /// The names, as in `SIGINT`.
  package var description: String {
    let names: [(SignalSet, String)] = [(.hangUp, "SIGHUP"), (.interrupt, "SIGINT"), (.terminate, "SIGTERM")]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
