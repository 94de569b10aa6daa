/// The process at the other end of a Unix stream, its user and its group, guaranteed by the kernel.
public struct PeerCredentials: Hashable, Sendable {
  /// The process that connected or listened, which may have ended since; nil if the kernel does not report it.
  public let processID: Int32?
  /// Its effective user.
  public let userID: UInt32
  /// Its effective group.
  public let groupID: UInt32

  /// Makes credentials, for tests of code that checks them.
  public init(processID: Int32?, userID: UInt32, groupID: UInt32) {
    self.processID = processID
    self.userID = userID
    self.groupID = groupID
  }
}
