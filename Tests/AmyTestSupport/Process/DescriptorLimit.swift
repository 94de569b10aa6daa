internal import CAmyThreads

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

  /// Raises the soft limit to the hard one, as servers do, and returns what holds then.
  package static func raised() -> DescriptorLimit {
    _ = amy_descriptor_limit_raise(amy_descriptor_limit().hard)
    return current
  }

  /// Sets the soft limit, also below what is open: then no more can be.
  package static func set(_ soft: Int) {
    _ = amy_descriptor_limit_raise(UInt64(soft))
  }

  /// How many descriptors are open.
  package static var open: Int { Int(amy_open_descriptors()) }
}
