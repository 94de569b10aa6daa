/// The result of a read from a stream.
public enum ReadResult: Hashable, Sendable {
  /// The number of bytes read; 0 only if there was no room for any.
  case bytes(Int)
  /// Nothing has arrived: wait until the stream is readable.
  case wouldBlock
  /// The end: the peer writes no more, and everything was read.
  case closed
}
