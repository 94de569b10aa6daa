import Foundation
import Testing

/// Checks the documentation's numbers and lists against the sources.
@Suite("The documentation of the sources")
struct DocumentationTests {
  static func text(_ path: String) throws -> String {
    try String(contentsOf: TidyTests.root.appending(path: path), encoding: .utf8)
  }

  static func rows(_ text: String) -> [[String]] {
    text.components(separatedBy: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  @Test("is short: ARCHITECTURE has at most 250 lines")
  func length() throws {
    let lines = try Self.text("ARCHITECTURE.md").components(separatedBy: "\n").count - 1
    #expect(lines <= 250)
    #expect(TidyTests.places.count > 8, "the table of places was not found")
  }

  @Test("lists the requirements of a backend, in the decision and in ARCHITECTURE")
  func requirements() throws {
    let source = try #require(TidyTests.sources.first { $0.path == "Amy/Kernel/Backend.swift" })
    let body = source.lines.drop { !$0.contains("protocol Backend") }.prefix { $0 != "}" }
    let names = Set(body.compactMap { $0.firstMatch(of: /^  (?:func|var) (\w+)/).map { String($0.output.1) } })
    for page in ["ARCHITECTURE.md", "Documentation/decisions/0007-backend-protocol.md"] {
      let list = try #require(try Self.text(page).firstMatch(of: /`now`, (?:`\w+`(?:, )?)+/), "\(page)")
      let said = Set(list.output.matches(of: /\w+/).map { String($0.output) })
      #expect(said == names, "\(page)")
    }
  }

  @Test("explains each stage of CI in a comment, and gives each group a budget", arguments: [".ci/run", ".ci/long"])
  func stages(_ path: String) throws {
    let script = try Self.text(path)
    let functions = script.matches(of: #/\nstage [\w-]+ (\w+)/#).map { String($0.output.1) }
    for function in functions {
      #expect(script.contains(try Regex("\n# [^\n]+\n\(function)\\(\\) \\{\n")), "\(path): \(function)")
    }
    let minutes = script.matches(of: #/\ngroup (\w+) (\d+)/#).reduce(into: [:]) { $0[$1.output.1] = Int($1.output.2) }
    #expect(path == ".ci/long" || !functions.isEmpty && minutes.values.reduce(0, +) == 40)
  }

  @Test("names only existing files in decisions, unless they are superseded")
  func decidedFiles() throws {
    for page in try TidyTests.files(in: "Documentation/decisions", endingIn: [".md"]) {
      let text = page.lines.joined(separator: "\n")
      if text.contains("**Superseded") { continue }
      let folders = /`((?:Sources|Tests|Tools|Examples|Verification|Benchmarks|Documentation|\.ci)\/[^ `*]+)`/
      for path in text.matches(of: folders).map({ String($0.output.1) }) {
        #expect(FileManager.default.fileExists(atPath: TidyTests.root.appending(path: path).path), "\(page.path): \(path)")
      }
    }
  }

  @Test("names each package of the program's manifest in its README")
  func packages() throws {
    let manifest = try Self.text("Tools/Package.swift")
    let readme = try Self.text("Tools/README.md")
    for package in manifest.matches(of: /\.package\(url: "[^"]*\/([\w-]+)"/).map({ String($0.output.1) }) {
      #expect(readme.contains(package))
    }
  }

  @Test("gives each decision a number of its own, which is in its title")
  func decisions() throws {
    var numbers: Set<String> = []
    for page in try TidyTests.files(in: "Documentation/decisions", endingIn: [".md"]) {
      let number = String(page.path.prefix(4))
      let isNew = numbers.insert(number).inserted
      #expect(isNew, "\(page.path)")
      #expect(page.lines[0].hasPrefix("# \(number): "), "\(page.path)")
    }
  }

  @Test("links only to existing decisions, files and folders")
  func links() throws {
    let pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SUPPORT.md", "SECURITY.md", "Benchmarks/RESULTS.md"]
    let decisions = try TidyTests.files(in: "Documentation", endingIn: [".md"]).map { "Documentation/\($0.path)" }
    for page in pages + decisions {
      let folder = TidyTests.root.appending(path: page).deletingLastPathComponent()
      for link in try Self.text(page).matches(of: /\]\(([^)#:]+)\)/).map({ String($0.output.1) }) {
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: link).path), "\(page): \(link)")
      }
    }
  }

  @Test("has no example that computes with an id: an id is only an identity")
  func opaqueIDs() throws {
    let snippets = try ["Snippets", "Examples/Sources"].flatMap { try TidyTests.files(in: $0, endingIn: [".swift"]) }
    let articles = try TidyTests.files(in: "Sources", endingIn: [".md"])
    for page in snippets + articles {
      for (number, line) in page.lines.enumerated() {
        #expect(!line.contains(/[iI][dD]\.rawValue\s*[-%&+*\/]|UInt64\(\w+\.count\)/), "\(page.path):\(number + 1)")
      }
    }
  }
}
