internal import Amy

/// The signals that end a command, from their own poller.
struct SignalWatch: ~Copyable {
  private let poller: Poller
  private let registration: SignalRegistration
  private var events = EventBuffer(capacity: 4)

  /// Blocks the signals and watches for them, before other threads start, which inherit the mask.
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

  /// Waits for a signal; nil at the timeout.
  mutating func wait(timeout: Duration) -> Signals? {
    try? poller.wait(into: &events, timeout: timeout)
    for index in events.indices {
      if case .signal(let number) = events[index].kind { return Signals(number: number) }
    }
    return nil
  }
}
