import Amy
import AmySockets
import AmyTestSupport
import Foundation
import SystemPackage
import Testing

/// What each error of each call means: `Documentation/errors.md`.
///
/// To be read by eye whenever it changes.
///
///     AMY_WRITE_ERRORS=yes swift test --filter ErrorTableTests
@Suite("The table of errors")
struct ErrorTableTests {
  @Test("is what the library does")
  func isCurrent() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Documentation/errors.md")
    let old = try String(contentsOf: page, encoding: .utf8)
    let mark = "<!-- tables -->\n"
    let head = try #require(old.components(separatedBy: mark).first)
    let new = head + mark + "\n" + Self.calls + "\n" + Self.codes
    if ProcessInfo.processInfo.environment["AMY_WRITE_ERRORS"] != nil {
      try new.write(to: page, atomically: true, encoding: .utf8)
    }
    #expect(old == new, "AMY_WRITE_ERRORS=yes writes it")
  }

  @Test("has each errno once, and no call without its own meaning")
  func isComplete() {
    #expect(Set(Errnos.all.map(\.errno)).count == Errnos.all.count)
    // What the kernel says of a number, of memory and of descriptors it says of every call.
    for call in Self.all {
      #expect(call.code(.badFileDescriptor) == .badDescriptor)
      #expect(call.code(.tooManyOpenFiles) == .descriptorLimit)
      #expect(call.code(.noMemory) == .outOfMemory)
      #expect(call.code(.noFunction) == .unsupported)
    }
  }

  /// A row for each code that a call gives; what is in no row is `other`.
  private static var calls: String {
    var rows = "| Call | Code | Errors |\n|---|---|---|\n"
    for call in all {
      for code in codesInOrder {
        let names = Errnos.all.filter { call.code($0.errno) == code }.map { "`\($0.name)`" }
        if !names.isEmpty { rows += "| \(call.name) | `\(code)` | \(names.joined(separator: ", ")) |\n" }
      }
    }
    return rows
  }

  /// A row for each code that is of a call, with the calls, so that the advice can be held against all of them.
  private static var codes: String {
    var rows = "| Code | Given by | What the message says |\n|---|---|---|\n"
    for code in codesInOrder {
      let calls = all.filter { call in Errnos.all.contains { call.code($0.errno) == code } }
      if calls.isEmpty { continue }
      let names = calls.count == all.count ? "every call" : calls.map(\.name).joined(separator: ", ")
      rows += "| `\(code)` | \(names) | \(PollerError(code)) |\n"
    }
    return rows
  }

  /// The core's calls and the sockets'.
  private static var all: [(name: String, code: (Errno) -> PollerError.Code)] {
    SystemCall.allCases.map { ("\($0)", $0.code) } + SocketCall.allCases.map { ("\($0)", $0.code) }
  }

  private static var codesInOrder: [PollerError.Code] { VocabularyTests.codes.filter { $0 != .other } }
}
