import CAmyProcess

/// A child of this process, for tests and for the program: posix_spawn(3).
package struct ChildProcess: Sendable {
  package let id: Int32

  private init?(_ status: Int32) {
    id = amy_child_start(status)
    if id < 0 { return nil }
  }

  /// One that ends at once, with status 0 or 1; nil where the system starts none.
  package static func ending(well: Bool) -> ChildProcess? { ChildProcess(well ? 0 : 1) }

  /// One that lives for a minute if nobody ends it; nil where the system starts none.
  package static func sleeping() -> ChildProcess? { ChildProcess(2) }

  /// Ends it by SIGKILL.
  package func kill() {
    amy_child_kill(id)
  }

  /// Waits until it has ended, and leaves it to be reaped.
  package func waitUntilEnded() {
    amy_child_wait(id)
  }

  /// Waits until it has ended, and reaps it.
  package func reap() {
    amy_child_reap(id)
  }
}
