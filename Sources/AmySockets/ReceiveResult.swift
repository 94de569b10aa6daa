/// The result of receiving from a datagram socket.
public enum ReceiveResult: Hashable, Sendable {
  /// A datagram: how many of its bytes were taken (none for an empty one), its sender, and whether it was longer than the room,
  /// so that its end is lost.
  case datagram(bytes: Int, from: Endpoint, isTruncated: Bool)
  /// Nothing has arrived: wait until the socket is readable.
  case wouldBlock
}
