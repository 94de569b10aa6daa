/// The result of receiving from a datagram socket.
public enum ReceiveResult: Hashable, Sendable {
  /// A datagram: the number of its bytes taken (none for an empty one), its sender, and whether its end is lost for lack of
  /// room.
  case datagram(bytes: Int, from: Endpoint, isTruncated: Bool)
  /// Nothing has arrived: wait until the socket is readable.
  case wouldBlock
}
