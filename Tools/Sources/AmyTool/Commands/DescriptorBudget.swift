internal import AmyThreads

/// Checks first that the process may open the descriptors that it needs.
enum DescriptorBudget {
  /// Raises the soft limit to the hard limit if it is too low.
  ///
  /// - Parameters:
  ///   - connections: The connections requested.
  ///   - perConnection: 2 if both ends are in this process.
  ///   - overhead: The descriptors of pollers and listeners.
  ///
  /// - Throws: An error that names the remedy, if the hard limit is too low.
  static func ensure(connections: Int, perConnection: Int, overhead: Int) throws(ToolError) {
    // For the signal watch, and what libraries open.
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
      this needs \(Format.count(needed)) descriptors for \(Format.counted(connections, "connection")), but the process may \
      open only \(Format.count(limit.soft)).
        Raise the limit: ulimit -n \(needed) (as root; permanently: /etc/security/limits.conf, LimitNOFILE= of a systemd unit, \
      docker run --ulimit nofile=\(needed)),
        \(fewer)
      """, .environment)
  }

  /// A server's descriptors before any client: two per poller, and its listeners.
  static func ofServer(_ model: Model, threads: Int) -> Int {
    model == .sharded ? 3 * threads : 3
  }

  /// The generator's descriptors: two per poller.
  static func ofLoad(threads: Int) -> Int {
    2 * threads
  }
}
