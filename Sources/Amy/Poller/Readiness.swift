/// What an event reports of a descriptor.
///
/// A hang-up or an error also sets everything that was asked for, so that code that only reads or only writes notices: its next
/// call returns the end or the error. ``readClosed`` comes only with interest in reading, ``writeClosed`` only with interest in
/// writing, and ``error`` with any except ``Interest/none``.
public struct Readiness: OptionSet, Hashable, Sendable {
  /// The bits; the first three are those of epoll(7).
  public let rawValue: UInt8

  /// A set of those bits.
  @inlinable
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  // The first three are the bits of Interest.

  /// A read, an accept or a receive will not block.
  @inlinable public static var readable: Readiness { Readiness(rawValue: 1 << 0) }
  /// Priority data are available.
  @inlinable public static var priority: Readiness { Readiness(rawValue: 1 << 1) }
  /// A write or a send will not block, or a connect has a result.
  @inlinable public static var writable: Readiness { Readiness(rawValue: 1 << 2) }
  /// The peer will send nothing more, or this side has shut down reading.
  ///
  /// Data that has arrived can still be read: read to the end.
  @inlinable public static var readClosed: Readiness { Readiness(rawValue: 1 << 3) }
  /// Nothing written from now on arrives.
  ///
  /// Not every kernel reports it: see the table of differences in ARCHITECTURE.
  @inlinable public static var writeClosed: Readiness { Readiness(rawValue: 1 << 4) }
  /// The descriptor has an error, which the next call on it, or `SO_ERROR`, returns.
  @inlinable public static var error: Readiness { Readiness(rawValue: 1 << 5) }
}

extension Readiness: CustomStringConvertible {
  /// Such as `[readable, readClosed]`.
  public var description: String {
    describe(
      self,
      [
        (.readable, "readable"), (.priority, "priority"), (.writable, "writable"), (.readClosed, "readClosed"),
        (.writeClosed, "writeClosed"), (.error, "error"),
      ])
  }
}
