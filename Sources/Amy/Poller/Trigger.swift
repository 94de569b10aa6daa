/// When a registration makes events.
///
/// Only ``once`` gives ownership: between its event and the next reregistration by whoever took the event, no thread hears
/// of the source again. With several waiting threads an ``edge`` may reach another thread while the first still works, and a
/// ``level`` source that stays ready is reported by each wait.
public enum Trigger: UInt8, Sendable, CaseIterable {
  /// One event, then silence in all directions until ``Registrar/reregister(_:as:for:trigger:)``.
  ///
  /// The default.
  ///
  /// With interest in both directions the one event carries both when both are ready. `EPOLLONESHOT`.
  case once
  /// An event for each change from not ready to ready, and for more that arrives.
  ///
  /// Read, write or accept to would-block, or what is left is not told again. Not for a listener, where an error in the middle,
  /// as that no descriptor is left, keeps the rest waiting for the next client. `EPOLLET`.
  case edge
  /// An event in each wait for as long as the source is ready.
  case level
}
