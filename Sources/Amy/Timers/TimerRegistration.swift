/// A timer to set any number of times, cancelled when this value is destroyed: for a connection's timeout.
///
/// ```swift
/// struct Client: ~Copyable {
///   let registration: Registration<TCPStream>
///   var idle: TimerRegistration
///
///   mutating func heard() throws(PollerError) {
///     try idle.schedule(after: .seconds(60))  // starts again
///   }
/// }
/// ```
///
/// All of its events carry one id. Setting it again does not take back an event that a wait has returned.
public struct TimerRegistration: ~Copyable, Sendable {
  /// The id that its events carry.
  public let id: Event.ID
  private let registrar: Registrar
  private var timer: ScheduledTimer?

  /// A timer that is not set.
  ///
  /// - Parameters:
  ///   - id: From ``Registrar/reserveID()``, or nil for a fresh one.
  ///   - registrar: Of the poller that reports the timer.
  public init(as id: Event.ID? = nil, with registrar: Registrar) {
    self.id = id ?? registrar.reserveID()
    self.registrar = registrar
  }

  deinit {
    if let timer { registrar.cancel(timer) }
  }

  /// Sets the timer to fire once, after a time; returns whether its previous setting was pending.
  ///
  /// Cost and errors are those of ``Registrar/scheduleTimer(after:as:tolerance:)``.
  @discardableResult
  public mutating func schedule(after delay: Duration, tolerance: Duration = .zero) throws(PollerError) -> Bool {
    try schedule(at: .now + delay, tolerance: tolerance)
  }

  /// Sets the timer to fire once, at a time; returns whether its previous setting was pending.
  @discardableResult
  public mutating func schedule(at deadline: Deadline, tolerance: Duration = .zero) throws(PollerError) -> Bool {
    if var timer {
      let wasPending = try registrar.reschedule(&timer, at: deadline, tolerance: tolerance)
      self.timer = timer
      return wasPending
    }
    timer = try registrar.scheduleTimer(at: deadline, as: id, tolerance: tolerance)
    return false
  }

  /// Sets the timer to fire repeatedly; returns whether its previous setting was pending.
  @discardableResult
  public mutating func schedule(every period: Duration, tolerance: Duration = .zero) throws(PollerError) -> Bool {
    let new = try registrar.scheduleTimer(every: period, as: id, tolerance: tolerance)
    let wasPending = cancel()
    timer = new
    return wasPending
  }

  /// Cancels the timer; returns whether it was pending.
  @discardableResult
  public mutating func cancel() -> Bool {
    guard let timer else { return false }
    self.timer = nil
    return registrar.cancel(timer)
  }
}
