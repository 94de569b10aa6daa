/// What a wait reports: the id of a source, and what happened to it.
///
/// 16 bytes and trivially copyable: pass arrays of events to other threads.
public struct Event: Hashable, Sendable {
  /// The id under which the source was registered.
  public let id: ID
  /// What happened.
  public let kind: Kind

  /// An event as a poller would report it, for tests.
  @inlinable
  public init(id: ID, kind: Kind) {
    self.id = id
    self.kind = kind
  }

  /// What can happen to a source.
  ///
  /// More kinds may be added: switch with `@unknown default`.
  @nonexhaustive
  public enum Kind: Hashable, Sendable {
    /// A descriptor is ready.
    case ready(Readiness)
    /// A timer fired; `expirations` counts its periods since its last event, and is 1 if it does not repeat.
    case timer(expirations: UInt32)
    /// A channel has messages, or has lost its last sender.
    case message
    /// A user event was triggered.
    case user
    /// A signal arrived.
    case signal(number: Int32)
    /// A child process ended.
    case process
  }

  /// The readiness of a descriptor; empty for every other kind of event.
  @inlinable
  public var readiness: Readiness {
    if case .ready(let readiness) = kind { readiness } else { [] }
  }
}

extension Event: CustomStringConvertible {
  /// Such as `#7 ready [readable]`.
  public var description: String {
    switch kind {
    case .ready(let readiness): "\(id) ready \(readiness)"
    case .timer(let expirations): "\(id) timer × \(expirations)"
    case .message: "\(id) message"
    case .user: "\(id) user"
    case .signal(let number): "\(id) signal \(number)"
    case .process: "\(id) process"
    }
  }
}
