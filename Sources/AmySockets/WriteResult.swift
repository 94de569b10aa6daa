/// What a write to a stream did.
public enum WriteResult: Hashable, Sendable {
  /// So many bytes are the kernel's now, perhaps fewer than were given; 0 only where none were.
  case bytes(Int)
  /// There is no room: wait until the stream is writable.
  case wouldBlock
}
