/// When a registration makes events.
///
/// Only ``once`` gives ownership: after its event no thread gets another of the source until the thread that took it
/// reregisters the source. With several waiting threads an ``edge`` may reach another thread while the first still works, and
/// each wait reports a ``level`` source that stays ready.
public enum Trigger: UInt8, Sendable, CaseIterable {
  /// One event, then none in any direction until ``Registrar/reregister(_:as:for:trigger:)``.
  ///
  /// The default. With interest in both directions one event carries both when both are ready. `EPOLLONESHOT`.
  case once
  /// An event for each change from not ready to ready, and whenever more arrives.
  ///
  /// Read, write or accept to would-block: what is left is not reported again. Not for a listener: an error midway, such as a
  /// lack of descriptors, keeps the rest waiting for the next client. `EPOLLET`.
  case edge
  /// An event in each wait while the source is ready.
  case level
}
