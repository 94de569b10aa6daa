/// The process at the other end of a Unix stream, and its user and group, which the kernel guarantees.
public struct PeerCredentials: Hashable, Sendable {
  /// The process that connected, or listened; nil if the kernel does not report it.
  ///
  /// It may have ended since.
  public let processID: Int32?
  /// Its effective user.
  public let userID: UInt32
  /// Its effective group.
  public let groupID: UInt32

  /// Makes credentials as the kernel would report them, for tests of code that checks them.
  public init(processID: Int32?, userID: UInt32, groupID: UInt32) {
    self.processID = processID
    self.userID = userID
    self.groupID = groupID
  }
}
