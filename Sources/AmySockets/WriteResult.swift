/// The result of a write to a stream.
public enum WriteResult: Hashable, Sendable {
  /// The number of bytes that the kernel took, perhaps fewer than given; 0 only if none were given.
  case bytes(Int)
  /// There is no room: wait until the stream is writable.
  case wouldBlock
}
