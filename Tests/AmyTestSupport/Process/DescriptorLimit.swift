import CAmyProcess

/// The number of descriptors this process may have open: getrlimit(2), `RLIMIT_NOFILE`.
package struct DescriptorLimit: Sendable {
  /// The limit in force.
  ///
  /// The process may raise it up to the hard limit.
  package let soft: Int
  /// The highest soft limit without privileges.
  package let hard: Int

  /// The current limits; `Int.max` means none.
  package static var current: DescriptorLimit {
    let limit = amy_descriptor_limit()
    return DescriptorLimit(soft: Int(clamping: limit.soft), hard: Int(clamping: limit.hard))
  }

  /// The number of open descriptors.
  package static var open: Int { Int(amy_open_descriptors()) }
}
