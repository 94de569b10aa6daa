import CAmyProcess

/// A child of this process, by posix_spawn(3).
package struct ChildProcess: Sendable {
  package let id: Int32

  private init?(_ status: Int32) {
    id = amy_child_start(status)
    if id < 0 { return nil }
  }

  /// Starts a child that ends at once with status 0 or 1; nil if the system cannot.
  package static func ending(well: Bool) -> ChildProcess? { ChildProcess(well ? 0 : 1) }

  /// Starts a child that ends after a minute; nil if the system cannot.
  package static func sleeping() -> ChildProcess? { ChildProcess(2) }

  /// By SIGKILL.
  package func kill() {
    amy_child_kill(id)
  }

  /// Waits for its end, and leaves it to be reaped.
  package func waitUntilEnded() {
    amy_child_wait(id)
  }

  /// Waits for its end, and reaps it.
  package func reap() {
    amy_child_reap(id)
  }
}
