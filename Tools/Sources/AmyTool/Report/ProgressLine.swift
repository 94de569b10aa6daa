internal import AmyThreads
internal import SystemPackage

/// A line on the terminal that is overwritten repeatedly.
///
/// Prints nothing if standard error is not a terminal.
struct ProgressLine: ~Copyable {
  private let isShown: Bool

  /// - Parameter isWanted: Whether to show it, if standard error is a terminal.
  init(isWanted: Bool) {
    isShown = isWanted && SystemProbe.isTerminal(FileDescriptor.standardError.rawValue)
  }

  func show(_ text: String) {
    // Return to the start of the line, print the text, and erase the rest of the last one.
    if isShown { Console.write("\r\(text)\u{1B}[K") }
  }

  deinit {
    if isShown { Console.write("\r\u{1B}[K") }
  }
}

/// Standard error, for everything except the result.
enum Console {
  static func write(_ text: String) {
    // There is nowhere to report a failure.
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }
}
