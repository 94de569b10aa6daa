public import Amy

/// How far a reader came with one event, and, apart from that, in which state its stream is.
///
/// Neither says anything of the other: bytes may come together with the end, and a state without bytes is no error.
public struct ReadProgress: Hashable, Sendable {
  /// How many bytes were taken by this call.
  public let bytes: Int
  /// How the stream stands.
  public let state: State

  /// Progress as a reader would report it, for tests.
  @inlinable
  public init(bytes: Int, state: State) {
    self.bytes = bytes
    self.state = state
  }

  /// How a stream stands after it was read.
  public enum State: Hashable, Sendable {
    /// Everything that had arrived was taken: wait until the stream is readable.
    case wouldBlock
    /// The budget is used up, and there may be more.
    ///
    /// With trigger once or level, wait as usual: you are told at once. With trigger edge nothing tells you: read again when
    /// the others had their turn.
    case budgetExhausted
    /// The end, and what came before it are whole lines or frames.
    case closed
    /// The end, in the middle of a line or of a frame.
    case closedInside
    /// What came before is not what it should be: `next()` has thrown, and nothing is read any more.
    case failed
  }

  /// Whether nothing more will come.
  @inlinable
  public var isAtEnd: Bool {
    switch state {
    case .wouldBlock, .budgetExhausted: false
    case .closed, .closedInside, .failed: true
    }
  }

  /// What to wait for next, to go on reading: `readable`, or nothing at the end.
  @inlinable
  public var interest: Interest { isAtEnd ? .none : .readable }
}
