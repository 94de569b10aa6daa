/// What became of a datagram.
public enum SendResult: Hashable, Sendable {
  /// The kernel has all of it. Nobody promises that it arrives.
  case sent
  /// There is no room: wait until the socket is writable, or drop it.
  case wouldBlock
}
