internal import AmyThreads
internal import SystemPackage

/// A line that is overwritten, if standard error is a terminal.
struct ProgressLine: ~Copyable {
  private let isShown: Bool

  /// - Parameter isWanted: Whether to show it on a terminal.
  init(isWanted: Bool) {
    isShown = isWanted && SystemProbe.isTerminal(FileDescriptor.standardError.rawValue)
  }

  func show(_ text: String) {
    // To the start of the line, and erase the rest of the last one.
    if isShown { Console.write("\r\(text)\u{1B}[K") }
  }

  deinit {
    if isShown { Console.write("\r\u{1B}[K") }
  }
}

/// Standard error, for all but the result.
enum Console {
  static func write(_ text: String) {
    // Nowhere to report a failure.
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }
}
