import Foundation

/// Finds the numbers that a user can pass to public functions.
enum PublicNumbers {
  static let modules = ["Amy", "AmySockets", "AmyStreams", "AmyThreads"]

  /// Returns the names as `File function(labels:) label`, or `File property`.
  static func names() throws -> Set<String> {
    var names: Set<String> = []
    for module in modules {
      for source in try TidyTests.files(in: "Sources/\(module)", endingIn: [".swift"]) {
        let file = URL(filePath: source.path).deletingPathExtension().lastPathComponent
        let code = source.code.joined(separator: "\n")
        for name in functions(in: code) + properties(in: code) { names.insert("\(file) \(name)") }
      }
    }
    return names
  }

  private static func functions(in code: String) -> [String] {
    let declaration =
      /\bpublic (?:(?:static|mutating|consuming) )*(?:func ([\w+<]+?)(?:<[^(]*>)?|(init\??)|(subscript)) ?(?:<[^(]*>)?\(/
    return code.matches(of: declaration).flatMap { match in
      let name = String(match.output.1 ?? match.output.2 ?? match.output.3 ?? "")
      let parameters = split(code[match.range.upperBound...])
      let labels = parameters.map { String($0.prefix { $0 != ":" && $0 != " " }) }
      let isOperator = !(name.first?.isLetter ?? false)
      let all = labels.map { isOperator ? "_:" : "\($0):" }.joined()
      return zip(labels, parameters).filter { isNumber($0.1) }.map { "\(name)(\(all)) \(isOperator ? "_" : $0.0)" }
    }
  }

  /// Returns settable properties: a computed one has a brace, or a setter with an argument.
  private static func properties(in code: String) -> [String] {
    code.components(separatedBy: "\n").filter { $0.contains(/\bpublic var \w+: [^{]*$/) && isNumber($0) }.compactMap {
      $0.firstMatch(of: /var (\w+)/).map { String($0.output.1) }
    }
  }

  private static func isNumber(_ parameter: String) -> Bool {
    parameter.contains(/: (?:consuming |borrowing )?(?:U?Int(?:8|16|32|64)?|Duration|Deadline|FileDescriptor)\??(?: = .*)?$/)
  }

  /// Returns the parameters up to the closing parenthesis, each on one line.
  private static func split(_ code: Substring) -> [String] {
    var parameters = [""]
    var depth = 0
    for character in code {
      if depth == 0, character == ")" { break }
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      if depth == 0, character == "," { parameters.append("") } else { parameters[parameters.count - 1].append(character) }
    }
    let lines = parameters.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    return lines.filter { !$0.isEmpty }
  }
}
