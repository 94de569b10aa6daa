internal import AmyThreads

/// Makes sure, before anything begins, that the process may have as many descriptors as it is going to need.
enum DescriptorBudget {
  /// Raises the soft limit as far as allowed.
  ///
  /// - Parameters:
  ///   - connections: How many were asked for.
  ///   - perConnection: 2 where both ends are in this process.
  ///   - overhead: Pollers, listeners.
  ///
  /// - Throws: How to mend it, where that is not far enough.
  static func ensure(connections: Int, perConnection: Int, overhead: Int) throws(ToolError) {
    // Those of the signal watch, and some more for what libraries open.
    let fixed = DescriptorLimit.open + overhead + 5 + 4
    let needed = connections * perConnection + fixed
    if DescriptorLimit.current.soft >= needed { return }
    let limit = DescriptorLimit.raised()
    if limit.soft >= needed { return }
    let possible = (limit.soft - fixed) / perConnection
    let fewer =
      possible > 0
      ? "or make fewer connections: --connections \(possible)"
      : "with this limit there is no room for a single connection"
    throw ToolError(
      """
      this takes \(Format.count(needed)) descriptors for \(Format.counted(connections, "connection")), and the process may \
      have \(Format.count(limit.soft)).
        Raise the limit: ulimit -n \(needed) (root can; for good: /etc/security/limits.conf, LimitNOFILE= of a systemd unit, \
      docker run --ulimit nofile=\(needed)),
        \(fewer)
      """, .environment)
  }

  /// How many descriptors a server has before anybody connects: two for each poller, and its listeners.
  static func ofServer(_ model: Model, threads: Int) -> Int {
    model == .sharded ? 3 * threads : 3
  }

  /// How many the generator has: two for each poller.
  static func ofLoad(threads: Int) -> Int {
    2 * threads
  }
}
