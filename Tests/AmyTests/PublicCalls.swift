import Foundation
import Testing

/// Reads a module's public calls from its sources, to check that a table is complete.
enum PublicCalls {
  struct Source {
    let path: String
    let text: String
  }

  static func sources(of module: String) throws -> [Source] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appending(path: "Sources/\(module)")
    let paths = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
    return try paths.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".c") || $0.hasSuffix(".h") }.sorted().map { path in
      Source(path: path, text: try String(contentsOf: folder.appending(path: path), encoding: .utf8))
    }
  }

  nonisolated(unsafe) private static let typeBegins =
    /^(?:(public) |package |internal |private |fileprivate |final |@\w+ )*(?:class|struct|enum|extension|protocol) ([\w.]+)/
  nonisolated(unsafe) private static let memberBegins =
    /^(?:  )?(?:@[\w()]+ )*public (?:\w+ )*?(func|init|var|subscript)\b(?: (\w+))?/

  /// Returns public functions, initializers, properties and subscripts as `name(label:label:)` by type, empty for free
  /// functions.
  static func byType(_ module: String) throws -> [String: Set<String>] {
    var calls: [String: Set<String>] = [:]
    for source in try sources(of: module) {
      var type = ""
      var rest = source.text[...]
      while let end = rest.firstIndex(of: "\n") {
        let (line, text) = (rest[..<end], rest)
        rest = rest[rest.index(after: end)...]
        if line.hasPrefix("}") { type = "" }
        if let match = line.firstMatch(of: Self.typeBegins) {
          type = String(match.output.2)
          if match.output.1 != nil { calls[type, default: []].formUnion([]) }
        }
        guard let match = line.firstMatch(of: Self.memberBegins), line.hasPrefix(" ") == !type.isEmpty else { continue }
        let (kind, name) = (match.output.1, match.output.2 ?? match.output.1)
        let isCalled = kind != "var"
        calls[type, default: []].insert(name + (isCalled ? labels(text[match.range.upperBound...]) : ""))
      }
    }
    return calls
  }

  /// Returns the first parameter list's labels: `(of:as:)`.
  private static func labels(_ text: Substring) -> String {
    var depth = 0
    var parameters = [""]
    for character in text {
      switch character {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case "," where depth == 1: parameters.append("")
      default: if depth == 1 { parameters[parameters.count - 1].append(character) }
      }
      if depth == 0, character == ")" { break }
    }
    let names = parameters.compactMap { $0.trimmingCharacters(in: .whitespacesAndNewlines).firstMatch(of: /^\w+/)?.output }
    return "(" + names.map { "\($0):" }.joined() + ")"
  }
}
