/// Two sockets that are connected with each other.
///
/// ```swift
/// let pair = try UnixStream.pair()
/// let ours = pair.first
/// let theirs = pair.second
/// ```
///
/// Take the two out, each for itself; what is not taken goes with the pair. (A tuple cannot hold what is not copyable.)
@frozen
public struct SocketPair<Socket: ~Copyable>: ~Copyable {
  /// One end.
  public var first: Socket
  /// The other.
  public var second: Socket

  /// A pair of any two.
  @inlinable
  public init(_ first: consuming Socket, _ second: consuming Socket) {
    self.first = first
    self.second = second
  }
}

extension SocketPair: Sendable where Socket: Sendable & ~Copyable {}
