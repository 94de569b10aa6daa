internal import CAmyTool

/// System calls missing in Swift and swift-system.
enum SystemProbe {
  /// isatty(3).
  static func isTerminal(_ descriptor: Int32) -> Bool {
    amy_tool_is_terminal(descriptor)
  }

  /// Removes a Unix socket's file, and no other: unlink(2); returns 0, or the errno.
  static func removeSocket(at path: String) -> Int32 {
    -(unsafe path.withCString { unsafe amy_tool_remove_socket($0) })
  }

  /// Returns the answer of a forked child with one thread: fork(2); nil if the system forks no more.
  static func childAnswers(_ question: @escaping () -> Bool) -> Bool? {
    let asked = Question(ask: question)
    let result = withExtendedLifetime(asked) {
      unsafe amy_tool_ask_child(
        { context in
          guard let context = unsafe context else { return false }
          return unsafe Unmanaged<Question>.fromOpaque(context).takeUnretainedValue().ask()
        }, Unmanaged.passUnretained(asked).toOpaque())
    }
    return result < 0 ? nil : result == 1
  }

  /// A closure that passes through C as a pointer.
  private final class Question {
    let ask: () -> Bool

    init(ask: @escaping () -> Bool) { self.ask = ask }
  }
}
