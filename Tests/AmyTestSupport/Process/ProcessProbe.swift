internal import CAmyThreads

/// Small questions to the system that neither Swift nor swift-system can ask.
package enum ProcessProbe {
  /// Whether a person looks at that descriptor: isatty(3).
  package static func isTerminal(_ descriptor: Int32) -> Bool {
    amy_is_terminal(descriptor)
  }

  /// Removes the file of a Unix socket, and nothing else: unlink(2).
  ///
  /// Returns 0, or the error's number.
  package static func removeSocket(at path: String) -> Int32 {
    -(unsafe path.withCString { unsafe amy_remove_socket($0) })
  }

  /// Sends a signal to this process, and not to one of its threads: kill(2).
  package static func send(_ signal: Int32) {
    amy_signal_process(signal)
  }

  /// Takes a blocked signal as often as it is pending, where nobody else does.
  package static func forget(_ signal: Int32) {
    amy_signal_forget(signal)
  }

  /// Whether a forked child finds out that it is one: fork(2).
  ///
  /// Nil when the system forks no more.
  package static func forkIsNoticed() -> Bool? {
    let result = amy_fork_probe()
    return result < 0 ? nil : result == 1
  }
}
