import Foundation
import Testing

/// Checks the house rules in the sources.
@Suite("The sources")
struct TidyTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The modules that each target may import, only downwards.
  static let storeys: [String: Set<String>] = [
    "Amy": ["CAmy", "Synchronization", "SystemPackage"],
    "AmySockets": ["Amy", "CAmy", "SystemPackage"],
    "AmyStreams": ["Amy", "AmySockets", "SystemPackage"],
    "AmyStreams/Framing": [],
    "AmyThreads": ["Amy", "CAmyThreads", "Synchronization", "SystemPackage"],
    // Tools and Examples use the libraries' products; AmyTool has dependencies of its own.
    "AmyTool": [
      "Amy", "AmySockets", "AmyStreams", "AmyThreads", "ArgumentParser", "CAmyProcess", "CAmyTool", "Histogram", "Logging",
      "Synchronization", "SystemPackage",
    ],
    "EchoOneThread": ["Amy", "AmySockets"],
    "EchoShared": ["Amy", "AmySockets", "AmyThreads"],
    "EchoSharded": ["Amy", "AmySockets", "AmyThreads"],
    "Chat": ["Amy", "AmySockets", "AmyStreams"],
  ]

  /// Where manual memory management is allowed, its lines, and the `@unchecked` types: ARCHITECTURE's table.
  static let places: [(name: String, unsafeLines: Int, isUnchecked: Bool)] = {
    let page = (try? DocumentationTests.text("ARCHITECTURE.md")) ?? ""
    let table = page.components(separatedBy: "| `@unchecked` | What for |").last?.components(separatedBy: "\n\n").first ?? ""
    return DocumentationTests.rows(table).compactMap { cells in
      guard cells.count == 4, let lines = Int(cells[1]) else { return nil }
      return (cells[0].trimmingCharacters(in: ["`"]), lines, cells[2] == "yes")
    }
  }()

  /// The maximum lines of code of Amy and CAmy together, and of Amy's lines with `unsafe`.
  ///
  /// Blank lines and lines of comment do not count. `Documentation/decisions/0065-the-layout.md` explains the number, and which
  /// issue may add how much.
  static let mostLines = 4_459
  static let mostUnsafeLines = 100

  struct Source: CustomStringConvertible {
    let path: String
    let lines: [String]
    var description: String { path }

    var code: [String] { lines.filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") } }
  }

  static func files(in folder: String, endingIn suffixes: [String]) throws -> [Source] {
    let base = root.appending(path: folder)
    let paths = try #require(FileManager.default.enumerator(atPath: base.path)).compactMap { $0 as? String }
    let ours = paths.filter { path in suffixes.contains { path.hasSuffix($0) } && !path.contains(".build/") }
    return try ours.sorted().map { path in
      let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
      return Source(path: path, lines: text.components(separatedBy: "\n"))
    }
  }

  /// Libraries, program and examples, without linked files.
  static let sources =
    (try? ["Sources", "Tools/Sources", "Examples/Sources"].flatMap { try files(in: $0, endingIn: [".swift"]) }) ?? []

  @Test("were found")
  func found() {
    #expect(Self.sources.count > 30)
  }

  @Test("import only modules below them", arguments: sources)
  func imports(_ source: Source) throws {
    let folders = source.path.components(separatedBy: "/")
    let allowed = try #require(
      Self.storeys[folders.prefix(2).joined(separator: "/")] ?? Self.storeys[folders[0]], "no layer for \(source.path)")
    for line in source.code {
      guard let match = line.firstMatch(of: /^\s*(?:(?:public|package|internal|private|fileprivate) )?import (\w+)/) else {
        continue
      }
      #expect(allowed.contains(String(match.output.1)), "\(source.path): \(line)")
    }
  }

  @Test("keep unsafe code to the places and line counts in ARCHITECTURE")
  func unsafety() {
    var counts: [String: Int] = [:]
    for source in Self.sources {
      let unsafe = source.code.filter { $0.contains(/\bunsafe\b/) }.count
      let place = Self.places.first { source.path.hasPrefix($0.name) }?.name
      if unsafe > 0 { #expect(place != nil, "\(source.path)") }
      counts[place ?? "", default: 0] += unsafe
    }
    for place in Self.places { #expect(counts[place.name, default: 0] == place.unsafeLines, "\(place.name)") }
    let inAmy = Self.places.filter { $0.name.hasPrefix("Amy/") }.map(\.unsafeLines).reduce(0, +)
    #expect(inAmy <= Self.mostUnsafeLines)
  }

  @Test("use @unchecked exactly where ARCHITECTURE says so")
  func unchecked() {
    let found = Set(Self.sources.filter { $0.lines.contains { $0.contains("@unchecked") } }.map(\.path))
    #expect(found == Set(Self.places.filter(\.isUnchecked).map(\.name)))
  }

  @Test("check for the system only in backends")
  func systems() {
    for source in Self.sources where !source.path.hasPrefix("Amy/Kernel/") && !source.path.hasPrefix("AmyTool/Doctor/") {
      #expect(!source.code.contains { $0.contains("#if os") || $0.contains("#if canImport") }, "\(source.path)")
    }
  }

  @Test("of the core are few: Amy and CAmy together")
  func smallness() throws {
    var count = 0
    for folder in ["Sources/Amy", "Sources/CAmy"] {
      for source in try Self.files(in: folder, endingIn: [".swift", ".c", ".h"]) {
        count += source.code.filter { !$0.trimmingCharacters(in: .whitespaces).isEmpty }.count
      }
    }
    #expect(count <= Self.mostLines, "\(count) lines of code")
  }

  @Test("contain no trap doors", arguments: sources)
  func trapDoors(_ source: Source) {
    for (number, line) in source.lines.enumerated() {
      for word in ["try!", "fatalError", "nonisolated(unsafe)", "as!", "TODO", "FIXME", "XXX"] {
        #expect(!line.contains(word), "\(source.path):\(number + 1)")
      }
      if line.contains("@unchecked") {
        #expect(source.lines[number - 1].hasPrefix("//"), "\(source.path):\(number + 1) gives no reason")
      }
    }
  }

  @Test("are short, and so are their functions", arguments: sources)
  func lengths(_ source: Source) {
    #expect(source.lines.count <= 400)
    var start: (line: Int, indentation: Int)?
    for (number, line) in source.lines.enumerated() {
      #expect(line.count <= 128, "\(source.path):\(number + 1) has \(line.count) columns")
      let indentation = line.prefix { $0 == " " }.count
      if line.contains(/^\s*(?:[@\w()]+ )*(?:func|init|deinit)\b/), line.hasSuffix("{") {
        start = (number, indentation)
      } else if let begun = start, line == String(repeating: " ", count: begun.indentation) + "}" {
        #expect(number - begun.line <= 70, "\(source.path):\(begun.line + 1) is a long function")
        start = nil
      }
    }
  }

  /// What bypasses CAmy: the C library, modules on it, Swift's clocks, and a descriptor's calls.
  static let pastTheSeam = [
    #"import (Glibc|Musl|Bionic|Android|Darwin|WinSDK|Foundation\w*|Dispatch|_Concurrency)\b"#,
    #"\b(ContinuousClock|SuspendingClock|DispatchQueue|DispatchTime|Task\.sleep)\b"#,
    #"\bFileDescriptor\.(open|pipe|socket)\b"#,
    #"\b([dD]escriptor|fileDescriptor|FileDescriptor\([^)]*\))\.(close|read|write|writeAll|seek|duplicate)\("#,
  ]

  @Test("of the libraries call the system only through CAmy; .ci/seam checks the built libraries", arguments: sources)
  func seam(_ source: Source) throws {
    guard !source.path.hasPrefix("AmyTool/") else { return }
    for text in Self.pastTheSeam {
      let pattern = try Regex(text)
      #expect(!source.code.contains { $0.contains(pattern) }, "\(source.path)")
    }
    // AmyThreads has some uncontended ones.
    if !source.path.hasPrefix("AmyThreads/") { #expect(!source.code.contains { $0.contains(/\bMutex\b/) }, "\(source.path)") }
  }

  @Test("name no path of the development machine, in any file of the project")
  func names() throws {
    for folder in ["Sources", "Tests", "Tools", "Examples", "Benchmarks/Sources", "Documentation", "Snippets", "Verification"] {
      for source in try Self.files(in: folder, endingIn: [".swift", ".h", ".c", ".md"]) {
        for (number, line) in source.lines.enumerated() where source.path != "TidyTests/TidyTests.swift" {
          #expect(!line.contains("/work/"), "\(folder)/\(source.path):\(number + 1)")
        }
      }
    }
  }

  @Test("do not compute with an id from Amy: an id is only an identity")
  func ids() throws {
    for folder in ["Sources", "Tools/Sources", "Examples/Sources", "Benchmarks/Sources", "Snippets"] {
      // Sources that make ids or pack one into the kernel's word are exempt.
      for source in try Self.files(in: folder, endingIn: [".swift", ".md"])
      where !["Amy/Poller/EventID.swift", "Amy/Core/Watch.swift"].contains(source.path) {
        for (number, line) in source.lines.enumerated() {
          let computes = line.contains(/(?:[iI][dD]|ID\(\)|ids\[[^\]]*\])\.rawValue *[-+*\/%&|<>]/)
          #expect(!computes, "\(folder)/\(source.path):\(number + 1): keep a counter, or make ids with customNumber")
        }
      }
    }
  }

  @Test("of each example are in one folder, with at most 60 lines of code, or 150 for the chat")
  func examples() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Examples/Sources").path)
    #expect(Set(folders) == ["EchoOneThread", "EchoShared", "EchoSharded", "Chat"])
    for folder in folders {
      let code = try Self.files(in: "Examples/Sources/\(folder)", endingIn: [".swift"]).flatMap(\.code)
      let count = code.filter { !$0.trimmingCharacters(in: .whitespaces).isEmpty }.count
      #expect(count <= (folder == "Chat" ? 150 : 60), "\(folder)")
    }
  }

  @Test("of the README's examples match a snippet or an example, which are compiled")
  func readme() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```swift\n").dropFirst().compactMap { block in
      block.components(separatedBy: "\n```").first
    }
    let snippets = try ["Snippets", "Examples/Sources"].flatMap { try Self.files(in: $0, endingIn: [".swift"]) }.map {
      $0.lines.joined(separator: "\n")
    }
    let programs = blocks.filter { $0.contains("import Amy") }
    #expect(!programs.isEmpty)
    for program in programs {
      #expect(snippets.contains { $0.contains(program) }, "not in a snippet:\n\(program)")
    }
  }
}
