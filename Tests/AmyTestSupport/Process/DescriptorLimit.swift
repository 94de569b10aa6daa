import CAmyProcess

/// The limit of open descriptors: getrlimit(2), `RLIMIT_NOFILE`.
package struct DescriptorLimit: Sendable {
  /// The limit in force; the process may raise it to the hard one.
  package let soft: Int
  /// The highest soft limit without privileges.
  package let hard: Int

  /// The limits; `Int.max` means none.
  package static var current: DescriptorLimit {
    let limit = amy_descriptor_limit()
    return DescriptorLimit(soft: Int(clamping: limit.soft), hard: Int(clamping: limit.hard))
  }

  package static var open: Int { Int(amy_open_descriptors()) }
}
