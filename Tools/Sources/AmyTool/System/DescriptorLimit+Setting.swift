internal import CAmyTool

extension DescriptorLimit {
  /// Raises the soft limit to the hard one, as servers do, and returns it.
  static func raised() -> DescriptorLimit {
    let hard = current.hard
    _ = amy_tool_limit_descriptors(hard == .max ? .max : UInt64(hard))
    return current
  }

  /// Sets the soft limit, even below the open descriptors: then no more can be opened.
  static func set(_ soft: Int) {
    _ = amy_tool_limit_descriptors(UInt64(soft))
  }
}
