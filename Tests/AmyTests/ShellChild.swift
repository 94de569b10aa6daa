import Foundation

/// A shell that runs a script, with a pipe as input.
struct ShellChild {
  /// -1 if it could not be started.
  let id: pid_t
  private let input: Int32

  init(_ script: String) {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/sh"), strdup("-c"), strdup(script), nil]
    defer { arguments.forEach { free($0) } }
    var id: pid_t = -1
    posix_spawn(&id, "/bin/sh", &actions, nil, arguments, environ)
    close(ends[0])
    self.id = id
    input = ends[1]
  }

  /// Closes its input, whose end the script may await.
  func release() {
    close(input)
  }

  /// Waits for its end, and leaves it to be reaped.
  func waitUntilEnded() {
    var info = siginfo_t()
    waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT)
  }

  /// Waits for its end, and returns waitpid(2)'s status, or nil if that failed.
  @discardableResult
  func reap() -> Int32? {
    var status: Int32 = 0
    return waitpid(id, &status, 0) == id ? status : nil
  }
}
