public import Amy

/// A reader's progress in one event, and, separately, the state of its stream.
///
/// Bytes may come together with the end, and a state without bytes is no error.
public struct ReadProgress: Hashable, Sendable {
  /// The number of bytes that this call took.
  public let bytes: Int
  /// The state of the stream.
  public let state: State

  /// Creates progress, for tests.
  @inlinable
  public init(bytes: Int, state: State) {
    self.bytes = bytes
    self.state = state
  }

  /// The state of a stream after a read.
  public enum State: Hashable, Sendable {
    /// Everything that had arrived was taken: wait until the stream is readable.
    case wouldBlock
    /// The budget is used up, or the reader holds as much as it may; there may be more.
    ///
    /// With trigger once or level, wait as usual: the event is reported at once. With edge none is: read again after the
    /// others.
    case budgetExhausted
    /// The end, after whole lines or frames, or after an invalid prefix: then the reader's `next()` throws.
    case closed
    /// The end, inside a line or a frame.
    case closedInside
    /// The input is invalid: `next()` has thrown, and the reader reads no more.
    case failed
  }

  /// Whether no more bytes will come.
  @inlinable
  public var isAtEnd: Bool {
    switch state {
    case .wouldBlock, .budgetExhausted: false
    case .closed, .closedInside, .failed: true
    }
  }

  /// What to wait for: `readable`, or none at the end.
  @inlinable
  public var interest: Interest { isAtEnd ? .none : .readable }
}
