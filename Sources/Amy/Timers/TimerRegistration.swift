/// A timer of its owner's, which is set as often as he likes and cancelled when it goes: for the timeout of a connection.
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
/// All of its events carry one id. An event that a wait has returned already is not taken back by setting it again.
public struct TimerRegistration: ~Copyable, Sendable {
  /// What its events carry.
  public let id: Event.ID
  private let registrar: Registrar
  private var timer: ScheduledTimer?

  /// A timer that is not set.
  ///
  /// - Parameters:
  ///   - id: From ``Registrar/reserveID()``, or a fresh one.
  ///   - registrar: Of the poller that is to tell it.
  public init(as id: Event.ID? = nil, with registrar: Registrar) {
    self.id = id ?? registrar.reserveID()
    self.registrar = registrar
  }

  deinit {
    if let timer { registrar.cancel(timer) }
  }

  /// Sets it to fire once, after a time, in the place of what it was set to; returns whether it was pending.
  ///
  /// Cost and errors are those of ``Registrar/scheduleTimer(after:as:tolerance:)``.
  @discardableResult
  public mutating func schedule(after delay: Duration, tolerance: Duration = .zero) throws(PollerError) -> Bool {
    try schedule(at: .now + delay, tolerance: tolerance)
  }

  /// Sets it to fire once, at a time, in the place of what it was set to; returns whether it was pending.
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

  /// Sets it to fire again and again, in the place of what it was set to; returns whether it was pending.
  @discardableResult
  public mutating func schedule(every period: Duration, tolerance: Duration = .zero) throws(PollerError) -> Bool {
    let new = try registrar.scheduleTimer(every: period, as: id, tolerance: tolerance)
    let wasPending = cancel()
    timer = new
    return wasPending
  }

  /// Cancels it, and returns whether it was pending.
  @discardableResult
  public mutating func cancel() -> Bool {
    guard let timer else { return false }
    self.timer = nil
    return registrar.cancel(timer)
  }
}
