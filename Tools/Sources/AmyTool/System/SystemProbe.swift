internal import CAmyTool

/// Small questions to the system that neither Swift nor swift-system can ask.
enum SystemProbe {
  /// Whether a person looks at that descriptor: isatty(3).
  static func isTerminal(_ descriptor: Int32) -> Bool {
    amy_tool_is_terminal(descriptor)
  }

  /// Removes the file of a Unix socket, and nothing else: unlink(2).
  ///
  /// Returns 0, or the error's number.
  static func removeSocket(at path: String) -> Int32 {
    -(unsafe path.withCString { unsafe amy_tool_remove_socket($0) })
  }

  /// What a forked child answers: fork(2).
  ///
  /// The child has one thread, and ends with its answer. Nil when the system forks no more.
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

  /// A closure that goes through C as a pointer.
  private final class Question {
    let ask: () -> Bool

    init(ask: @escaping () -> Bool) { self.ask = ask }
  }
}
