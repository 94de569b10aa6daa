import Foundation
import Testing

/// The house rules, read off the sources: what a reviewer would otherwise have to look for each time.
@Suite("The sources")
struct TidyTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Which modules each target may import.
  ///
  /// Imports only go down.
  static let storeys: [String: Set<String>] = [
    "Amy": ["CAmy", "Synchronization", "SystemPackage"],
    "AmySockets": ["Amy", "CAmy", "SystemPackage"],
    "AmyStreams": ["Amy", "AmySockets", "SystemPackage"],
    "AmyStreams/Framing": [],
    "AmyThreads": ["Amy", "CAmyThreads", "Synchronization", "SystemPackage"],
    "amy-demo": [
      "Amy", "AmySockets", "AmyStreams", "AmyThreads", "ArgumentParser", "Foundation", "FoundationEssentials",
      "Histogram", "Logging",
      "Synchronization", "SystemPackage",
    ],
  ]

  /// Where `unsafe` and `#if os` may be, and how many lines may have an `unsafe`: lower a number when you can.
  ///
  /// Memory by hand is for backends and for system calls. The others are there because Swift has no safe array or queue of
  /// noncopyable values, none that can be refilled without being asked whether it is shared, and none that grows in place; and
  /// because the kernel is told the address of a lock.
  static let unsafeLines: [String: Int] = [
    "Amy/Backend/": 38,
    "Amy/Core/ForkWitness.swift": 1,
    "Amy/Core/Guarded.swift": 18,
    "Amy/Core/MessageQueue.swift": 9,
    "Amy/Core/Slots.swift": 17,
    "Amy/Core/TimerLists.swift": 17,
    "Amy/EventBuffer.swift": 7,
    "AmySockets/System/": 62,
    "AmyStreams/Framing/Bytes+Copying.swift": 4,
    "AmyThreads/": 8,
    "amy-demo/Doctor/": 1,
  ]

  /// Each `@unchecked` with its reason in the comment above it.
  static let unchecked = [
    "Amy/EventBuffer.swift", "Amy/Core/Guarded.swift", "Amy/Core/MessageQueue.swift", "Amy/Core/Slots.swift",
    "Amy/Core/TimerLists.swift",
  ]

  struct Source: CustomStringConvertible {
    let path: String
    let lines: [String]
    var description: String { path }

    /// The lines without what a comment says in them.
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

  static let sources = (try? files(in: "Sources", endingIn: [".swift"])) ?? []

  @Test("were found")
  func found() {
    #expect(Self.sources.count > 30)
  }

  @Test("import only what is below them", arguments: sources)
  func imports(_ source: Source) throws {
    let folders = source.path.components(separatedBy: "/")
    let allowed = try #require(
      Self.storeys[folders.prefix(2).joined(separator: "/")] ?? Self.storeys[folders[0]], "no storey: \(source.path)")
    for line in source.code {
      guard let match = line.firstMatch(of: /^\s*(?:(?:public|package|internal|private|fileprivate) )?import (\w+)/) else {
        continue
      }
      #expect(allowed.contains(String(match.output.1)), "\(source.path): \(line)")
    }
  }

  @Test("keep unsafe code and the question which system it is to a few places")
  func unsafety() {
    var counts: [String: Int] = [:]
    for source in Self.sources {
      let place = Self.unsafeLines.keys.first { source.path.hasPrefix($0) }
      let unsafe = source.code.filter { $0.contains(/\bunsafe\b/) }
      let asksForSystem = source.code.contains { $0.contains("#if os") || $0.contains("#if canImport") }
      if let place {
        counts[place, default: 0] += unsafe.count
      } else {
        #expect(unsafe.isEmpty, "\(source.path)")
        #expect(!asksForSystem, "\(source.path)")
      }
    }
    for (place, limit) in Self.unsafeLines {
      #expect(counts[place, default: 0] <= limit, "\(place)")
    }
  }

  @Test("hold no trap doors", arguments: sources)
  func trapDoors(_ source: Source) {
    for (number, line) in source.lines.enumerated() {
      for word in ["try!", "fatalError", "nonisolated(unsafe)", "as!", "TODO", "FIXME", "XXX"] {
        #expect(!line.contains(word), "\(source.path):\(number + 1)")
      }
      if line.contains("@unchecked") {
        #expect(Self.unchecked.contains(source.path), "\(source.path):\(number + 1)")
        #expect(source.lines[number - 1].hasPrefix("//"), "\(source.path):\(number + 1) gives no reason")
      }
    }
  }

  @Test("are short, and their functions too", arguments: sources)
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

  @Test("leave the C library, and so errno, to the shim", arguments: sources)
  func cLibrary(_ source: Source) {
    #expect(!source.code.contains { $0.contains(/import (Glibc|Darwin|Musl)/) })
  }

  @Test("name no registry and no path of a machine, in any file of the project")
  func names() throws {
    for folder in ["Sources", "Tests", "Benchmarks/Sources", "Documentation", "Snippets", "Verification"] {
      for source in try Self.files(in: folder, endingIn: [".swift", ".h", ".c", ".md"]) {
        for (number, line) in source.lines.enumerated() where source.path != "TidyTests/TidyTests.swift" {
          #expect(!line.contains("/work/"), "\(folder)/\(source.path):\(number + 1)")
        }
      }
    }
  }

  @Test("compute with no id that Amy gave out: an id says which source it is, and nothing else")
  func ids() throws {
    for folder in ["Sources", "Benchmarks/Sources", "Snippets"] {
      // Where ids are made a line says what not to do; and the kernel keeps one in its words.
      for source in try Self.files(in: folder, endingIn: [".swift", ".md"])
      where !["Amy/EventID.swift", "Amy/Core/Watch.swift"].contains(source.path) {
        for (number, line) in source.lines.enumerated() {
          let computes = line.contains(/(?:[iI][dD]|ID\(\)|ids\[[^\]]*\])\.rawValue *[-+*\/%&|<>]/)
          #expect(!computes, "\(folder)/\(source.path):\(number + 1): count for yourself, or make ids with customNumber")
        }
      }
    }
  }

  @Test("of the chat are those of its tutorial, which have at most 150 lines of code")
  func chat() throws {
    let path = Self.root.appending(path: "Snippets/Chat.swift")
    let tutorial = try String(contentsOf: path, encoding: .utf8)
    for name in ["ChatLimits", "Guest", "Farewell", "Chat"] {
      let source = try #require(Self.sources.first { $0.path == "amy-demo/Chat/\(name).swift" })
      let text = source.lines.drop { $0.hasPrefix("internal import") || $0.isEmpty }.joined(separator: "\n")
      #expect(tutorial.contains(text), "\(name).swift is not part of the snippet")
    }
    let code = tutorial.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(code.filter { !$0.isEmpty && !$0.hasPrefix("//") }.count <= 150)
  }

  @Test("of the README's example are those of the snippet, which is compiled")
  func readme() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let blocks = readme.components(separatedBy: "```swift\n").dropFirst().compactMap { block in
      block.components(separatedBy: "\n```").first
    }
    let snippets = try Self.files(in: "Snippets", endingIn: [".swift"]).map { $0.lines.joined(separator: "\n") }
    let programs = blocks.filter { $0.contains("import Amy") }
    #expect(!programs.isEmpty)
    for program in programs {
      #expect(snippets.contains { $0.contains(program) }, "not in a snippet:\n\(program)")
    }
  }
}
