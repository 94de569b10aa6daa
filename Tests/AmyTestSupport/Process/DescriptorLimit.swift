import CAmyProcess

/// How many descriptors this process may have open: getrlimit(2), `RLIMIT_NOFILE`.
package struct DescriptorLimit: Sendable {
  /// The limit that holds.
  ///
  /// The process may raise it up to the hard one.
  package let soft: Int
  /// What the soft limit can be raised to without privileges.
  package let hard: Int

  /// The limits as they are now, `Int.max` for none.
  package static var current: DescriptorLimit {
    let limit = amy_descriptor_limit()
    return DescriptorLimit(soft: Int(clamping: limit.soft), hard: Int(clamping: limit.hard))
  }

  /// How many descriptors are open.
  package static var open: Int { Int(amy_open_descriptors()) }
}
