/// Which process is at the other end of a Unix stream, and in whose name: the kernel vouches for it.
public struct PeerCredentials: Hashable, Sendable {
  /// The process that connected, or listened; nil where the kernel does not tell.
  ///
  /// It may have ended since.
  public let processID: Int32?
  /// Its effective user.
  public let userID: UInt32
  /// Its effective group.
  public let groupID: UInt32

  /// Credentials as the kernel would tell them, for tests of code that checks them.
  public init(processID: Int32?, userID: UInt32, groupID: UInt32) {
    self.processID = processID
    self.userID = userID
    self.groupID = groupID
  }
}
