internal import Synchronization

extension Event {
  /// The name of a source: a number that is unique in the process and never given out twice.
  ///
  /// All kinds of sources draw from the same numbers, so do not compute with an id: if every client also has a timer,
  /// `id.rawValue % workers` leaves half of the workers without a client. Keep a counter, or make the ids yourself with
  /// ``init(customNumber:)``: half of all numbers are for that.
  ///
  /// An id outlives its source harmlessly: an event under way when the source was removed carries an id that no other source
  /// will have, even if the kernel reuses the descriptor's number.
  public struct ID: RawRepresentable, Hashable, Sendable {
    /// The number, at least 1 and less than 2^60, for C libraries that store a number instead of a pointer.
    public let rawValue: UInt64

    /// The id with a number read from ``rawValue`` before; nil for zero, and for 2^60 and above.
    ///
    /// Amy does not check whether it gave the id out. For ids of your own, see ``init(customNumber:)``.
    @inlinable
    public init?(rawValue: UInt64) {
      guard rawValue != 0, rawValue < 1 << 60 else { return nil }
      self.rawValue = rawValue
    }

    /// An id of your own, which Amy never gives out: to find a source's state by its number, without a table.
    ///
    /// ```swift
    /// // A place among the connections, and how many have had it before:
    /// let id = Event.ID(customNumber: generation << 24 | place)
    /// // when an event has come:
    /// if let number = event.id.customNumber { serve(place: number & 0xFF_FFFF, generation: number >> 24) }
    /// ```
    ///
    /// Make it unique: if two sources share an id, events do not say which one they are of.
    ///
    /// - Parameter customNumber: Less than 2^59; the result is nil for any other number.
    @inlinable
    public init?(customNumber: UInt64) {
      guard customNumber < Self.custom else { return nil }
      rawValue = customNumber | Self.custom
    }

    /// The number passed to ``init(customNumber:)``, or nil for an id that Amy gave out.
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
  /// Such as `#7`.
  public var description: String { "#\(rawValue)" }
}

extension Event.ID {
  /// One atomic addition; the 2^59 numbers below ``custom`` last for 18 years at a billion a second.
  package static func next() -> Event.ID {
    Event.ID(assuming: numbers.add(1, ordering: .relaxed).newValue)
  }
}

private let numbers = Atomic<UInt64>(0)
