/// What a registration reports: readable, writable, priority, or nothing for now.
///
/// ```swift
/// try registrar.reregister(socket, as: id, for: [.readable, .writable], trigger: .once)
/// ```
///
/// The empty set, ``none``, keeps the registration and its id, and reports nothing, not even hang-ups and errors, until it is
/// reregistered.
public struct Interest: OptionSet, Hashable, Sendable {
  /// The bits of epoll(7).
  public let rawValue: UInt8

  /// A set of those bits; unknown bits are ignored.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue & 0b111
  }

  /// Bytes to read, a connection to accept, or the end of the data.
  ///
  /// Also reports ``Readiness/readClosed``.
  @inlinable public static var readable: Interest { Interest(rawValue: 1 << 0) }
  /// Priority data: TCP's urgent byte, or a change of state of a pseudo-terminal or a sysfs file.
  ///
  /// Linux only (`EPOLLPRI`): elsewhere it throws ``PollerError/Code/unsupported``. For a source registered for nothing else a
  /// hang-up looks like priority data, too: ask for reading as well.
  @inlinable public static var priority: Interest { Interest(rawValue: 1 << 1) }
  /// Room to write, or the result of a connect.
  ///
  /// Also reports ``Readiness/writeClosed``.
  @inlinable public static var writable: Interest { Interest(rawValue: 1 << 2) }
  /// Nothing, until the source is reregistered.
  @inlinable public static var none: Interest { [] }
}

extension Interest: CustomStringConvertible {
  /// Such as `[readable, writable]`.
  public var description: String {
    describe(self, [(.readable, "readable"), (.priority, "priority"), (.writable, "writable")])
  }
}

/// The members' names in brackets: an option set prints as a number otherwise.
package func describe<Options: OptionSet>(_ options: Options, _ names: [(Options, String)]) -> String
where Options == Options.Element {
  "[" + names.filter { options.contains($0.0) }.map(\.1).joined(separator: ", ") + "]"
}
