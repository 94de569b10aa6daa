/// What a read from a stream brought.
public enum ReadResult: Hashable, Sendable {
  /// So many bytes; 0 only where there was no room for any.
  case bytes(Int)
  /// Nothing has arrived: wait until the stream is readable.
  case wouldBlock
  /// The end: the peer writes no more, and everything was read.
  case closed
}
