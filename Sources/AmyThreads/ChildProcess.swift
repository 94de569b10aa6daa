internal import CAmyThreads

/// A child of this process, for tests and for the program: posix_spawn(3).
package struct ChildProcess: Sendable {
  package let id: Int32

  /// Starts a program with at most one argument, and no signal blocked; nil where the system starts none.
  private init?(_ path: String, _ argument: String?) {
    id = unsafe path.withCString { path in
      if let argument { return unsafe argument.withCString { unsafe amy_child_spawn(path, $0) } }
      return unsafe amy_child_spawn(path, nil)
    }
    if id < 0 { return nil }
  }

  /// One that ends at once, with status 0 or 1.
  package static func ending(well: Bool) -> ChildProcess? {
    ChildProcess(well ? "/bin/true" : "/bin/false", nil)
  }

  /// One that lives for a minute if nobody ends it.
  package static func sleeping() -> ChildProcess? {
    ChildProcess("/bin/sleep", "60")
  }

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
