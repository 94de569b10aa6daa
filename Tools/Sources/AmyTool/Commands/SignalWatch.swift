internal import Amy

/// Signals that a command ends by, taken from a poller of its own.
struct SignalWatch: ~Copyable {
  private let poller: Poller
  private let registration: SignalRegistration
  private var events = EventBuffer(capacity: 4)

  /// Blocks them, and begins to watch for them: before other threads are started, which inherit it.
  static func blocking(_ signals: Signals) throws(ToolError) -> SignalWatch {
    signals.block()
    do throws(PollerError) {
      return try SignalWatch(signals)
    } catch {
      throw ToolError(error, doing: "watch for signals")
    }
  }

  private init(_ signals: Signals) throws(PollerError) {
    let poller = try Poller()
    registration = try SignalRegistration(signals, with: poller.registrar)
    self.poller = poller
  }

  /// Waits until one has come; nil when the time is over.
  mutating func wait(timeout: Duration) -> Signals? {
    try? poller.wait(into: &events, timeout: timeout)
    for index in events.indices {
      if case .signal(let number) = events[index].kind { return Signals(number: number) }
    }
    return nil
  }
}
