import Amy
import AmySockets
import AmyTestSupport
import Foundation
import SystemPackage
import Testing

/// The meaning of each error of each call: `Documentation/errors.md`, to be reviewed by eye when it changes.
///
///     AMY_WRITE_ERRORS=yes swift test --filter ErrorTableTests
@Suite("The table of errors")
struct ErrorTableTests {
  @Test("matches the library")
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
    #expect(old == new, "run with AMY_WRITE_ERRORS=yes to write it")
  }

  @Test("has each errno once, and a meaning of its own for every call")
  func isComplete() {
    #expect(Set(Errnos.all.map(\.errno)).count == Errnos.all.count)
    // Errors about a number, memory or descriptors mean the same for all calls.
    for call in Self.all {
      #expect(call.code(.badFileDescriptor) == .badDescriptor)
      #expect(call.code(.tooManyOpenFiles) == .descriptorLimit)
      #expect(call.code(.noMemory) == .outOfMemory)
      #expect(call.code(.noFunction) == .unsupported)
    }
  }

  /// A row for each code of a call; an errno in no row is `other`.
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

  /// A row for each call-specific code, with all its calls, to check the advice against them.
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

  private static var all: [(name: String, code: (Errno) -> PollerError.Code)] {
    SystemCall.allCases.map { ("\($0)", $0.code) } + SocketCall.allCases.map { ("\($0)", $0.code) }
  }

  private static var codesInOrder: [PollerError.Code] { VocabularyTests.codes.filter { $0 != .other } }
}
