/// Two sockets that are connected to each other.
///
/// ```swift
/// let pair = try UnixStream.pair()
/// let ours = pair.first
/// let theirs = pair.second
/// ```
///
/// Take both out; one that you leave is closed with the pair. (A tuple cannot hold noncopyable values.)
@frozen
public struct SocketPair<Socket: ~Copyable>: ~Copyable {
  /// One end.
  public var first: Socket
  /// The other end.
  public var second: Socket

  /// Makes a pair of any two.
  @inlinable
  public init(_ first: consuming Socket, _ second: consuming Socket) {
    self.first = first
    self.second = second
  }
}

extension SocketPair: Sendable where Socket: Sendable & ~Copyable {}
