internal import Synchronization

extension Event {
  /// The name of a source: a number that is unique in the process and never given out twice.
  ///
  /// Descriptors, timers, channels, user events, signals and processes draw from the same numbers, which count up from 1.
  /// An id outlives its source harmlessly: an event that was under way when the source was removed names an id that nothing
  /// else will ever have. The kernel's reuse of descriptor numbers plays no part.
  public struct ID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number, at least 1 and less than 2^60.
    ///
    /// For C libraries that keep one for you in a pointer's place.
    public let rawValue: UInt64

    /// The id of that number, which ``Registrar/reserveID()`` or a registration has given out before, or nil for a number that
    /// can be none: zero, and 2^60 and above.
    ///
    /// Amy does not check whether it was given out.
    @inlinable
    public init?(rawValue: UInt64) {
      guard rawValue != 0, rawValue < 1 << 60 else { return nil }
      self.rawValue = rawValue
    }

    init(assuming rawValue: UInt64) {
      self.rawValue = rawValue
    }

    /// Whether the one was given out before the other.
    @inlinable
    public static func < (left: ID, right: ID) -> Bool {
      left.rawValue < right.rawValue
    }
  }
}

extension Event.ID: CustomStringConvertible {
  /// The number behind a hash mark, as in `#7`.
  public var description: String { "#\(rawValue)" }
}

extension Event.ID {
  /// The next number of the process.
  ///
  /// One atomic addition; 2^60 of them last for 36 years at a billion a second.
  package static func next() -> Event.ID {
    Event.ID(assuming: numbers.add(1, ordering: .relaxed).newValue)
  }
}

private let numbers = Atomic<UInt64>(0)
