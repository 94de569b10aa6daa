internal import AmyThreads
internal import SystemPackage

/// One line on the terminal that is written over and over, and nothing at all where no person looks.
struct ProgressLine: ~Copyable {
  private let isShown: Bool

  /// - Parameter isWanted: Whether to show it, if standard error is a terminal.
  init(isWanted: Bool) {
    isShown = isWanted && SystemProbe.isTerminal(FileDescriptor.standardError.rawValue)
  }

  func show(_ text: String) {
    // Back to the line's begin, the text, and away with what is left of the last one.
    if isShown { Console.write("\r\(text)\u{1B}[K") }
  }

  deinit {
    if isShown { Console.write("\r\u{1B}[K") }
  }
}

/// Standard error, for what is not the result.
enum Console {
  static func write(_ text: String) {
    // Nobody can be told that it failed.
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }
}
