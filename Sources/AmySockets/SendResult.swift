/// What became of a datagram.
public enum SendResult: Hashable, Sendable {
  /// The kernel has all of it. Nobody promises that it arrives.
  case sent
  /// There is no room: wait until the socket is writable, or drop it.
  case wouldBlock
  /// The Unix receiver that was named has no room, and **no event will tell when it has**: the socket is writable all the time.
  ///
  /// Try again after a time, by a timer; or connect to the receiver (``DatagramSocket/connect(to:)``, then ``wouldBlock`` comes
  /// in its place, and the socket is writable when there is room); or drop it. Who waits until the socket is writable turns in
  /// circles.
  case receiverFull
}
