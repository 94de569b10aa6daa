internal import Synchronization

extension Event {
  /// The name of a source: a number that is unique in the process and never given out twice.
  ///
  /// Descriptors, timers, channels, user events, signals and processes draw from the same numbers. An id says which source it
  /// is and nothing else, so do not compute with it: where every client has a timer besides, `id.rawValue % workers` leaves
  /// half of the workers without one. Count for yourself, or make the ids yourself: half of all numbers is for that, see
  /// ``init(customNumber:)``.
  ///
  /// An id outlives its source harmlessly: an event that was under way when the source was removed names an id that nothing
  /// else will ever have. The kernel's reuse of descriptor numbers plays no part.
  public struct ID: RawRepresentable, Hashable, Sendable {
    /// The number, at least 1 and less than 2^60.
    ///
    /// For C libraries that keep one for you in a pointer's place.
    public let rawValue: UInt64

    /// The id of that number, which was read from ``rawValue`` before; nil for a number that can be none: zero, and 2^60 and
    /// above.
    ///
    /// Amy does not check whether it was given out. To make ids of your own, see ``init(customNumber:)``.
    @inlinable
    public init?(rawValue: UInt64) {
      guard rawValue != 0, rawValue < 1 << 60 else { return nil }
      self.rawValue = rawValue
    }

    /// An id of your own: Amy gives out none of these.
    ///
    /// For programs that find what belongs to a source by its number, and without a table.
    ///
    /// ```swift
    /// // A place among the connections, and how many have had it before:
    /// let id = Event.ID(customNumber: generation << 24 | place)
    /// // when an event has come:
    /// if let number = event.id.customNumber { serve(place: number & 0xFF_FFFF, generation: number >> 24) }
    /// ```
    ///
    /// It is for you to make it unique: of two sources under one id a poller's events do not say which it was.
    ///
    /// - Parameter customNumber: Less than 2^59; the result is nil for any other.
    @inlinable
    public init?(customNumber: UInt64) {
      guard customNumber < Self.custom else { return nil }
      rawValue = customNumber | Self.custom
    }

    /// The number that ``init(customNumber:)`` made it of, or nil for an id that Amy gave out.
    @inlinable
    public var customNumber: UInt64? { rawValue < Self.custom ? nil : rawValue & ~Self.custom }

    /// The first of those that Amy never gives out.
    @usableFromInline
    static var custom: UInt64 { 1 << 59 }

    init(assuming rawValue: UInt64) {
      self.rawValue = rawValue
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
  /// One atomic addition; the 2^59 below ``custom`` last for 18 years at a billion a second.
  package static func next() -> Event.ID {
    Event.ID(assuming: numbers.add(1, ordering: .relaxed).newValue)
  }
}

private let numbers = Atomic<UInt64>(0)
