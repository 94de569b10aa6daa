internal import Synchronization

extension Event {
  /// The name of a source: a number that is unique in the process and never given out twice.
  ///
  /// Descriptors, timers, channels, user events, signals and processes draw from the same numbers. An id says which source it
  /// is and nothing else, so do not compute with it: if every client also has a timer, `id.rawValue % workers` leaves half of
  /// the workers without a client. Keep a counter of your own, or make the ids yourself: half of all numbers are for that, see
  /// ``init(customNumber:)``.
  ///
  /// An id outlives its source harmlessly: an event that was under way when the source was removed carries an id that no other
  /// source will ever have. That the kernel reuses descriptor numbers does not matter.
  public struct ID: RawRepresentable, Hashable, Sendable {
    /// The number, at least 1 and less than 2^60.
    ///
    /// For C libraries that store a number for you instead of a pointer.
    public let rawValue: UInt64

    /// The id with a number that was read from ``rawValue`` before; nil for a number that no id can have: zero, and 2^60 and
    /// above.
    ///
    /// Amy does not check whether it gave the id out. To make ids of your own, see ``init(customNumber:)``.
    @inlinable
    public init?(rawValue: UInt64) {
      guard rawValue != 0, rawValue < 1 << 60 else { return nil }
      self.rawValue = rawValue
    }

    /// An id of your own: Amy gives out none of these.
    ///
    /// For programs that find a source's state by its number, without a table.
    ///
    /// ```swift
    /// // A place among the connections, and how many have had it before:
    /// let id = Event.ID(customNumber: generation << 24 | place)
    /// // when an event has come:
    /// if let number = event.id.customNumber { serve(place: number & 0xFF_FFFF, generation: number >> 24) }
    /// ```
    ///
    /// Make it unique: if two sources share an id, a poller's events do not say which one they are of.
    ///
    /// - Parameter customNumber: Less than 2^59; the result is nil for any other number.
    @inlinable
    public init?(customNumber: UInt64) {
      guard customNumber < Self.custom else { return nil }
      rawValue = customNumber | Self.custom
    }

    /// The number that was passed to ``init(customNumber:)``, or nil for an id that Amy gave out.
    @inlinable
    public var customNumber: UInt64? { rawValue < Self.custom ? nil : rawValue & ~Self.custom }

    /// The first number that Amy never gives out.
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
  /// Returns the next id of the process.
  ///
  /// One atomic addition; the 2^59 numbers below ``custom`` last for 18 years at a billion a second.
  package static func next() -> Event.ID {
    Event.ID(assuming: numbers.add(1, ordering: .relaxed).newValue)
  }
}

private let numbers = Atomic<UInt64>(0)
