/// The result of sending a datagram.
public enum SendResult: Hashable, Sendable {
  /// The kernel has the whole datagram. Its arrival is not guaranteed.
  case sent
  /// There is no room: wait until the socket is writable, or drop the datagram.
  case wouldBlock
  /// The named Unix receiver has no room, and **no event reports when it has**: the socket is always writable.
  ///
  /// Try again by a timer, drop the datagram, or connect to the receiver (``DatagramSocket/connect(to:)``), to get
  /// ``wouldBlock`` instead, and an event when there is room. A program that waits until it is writable spins.
  case receiverFull
}
