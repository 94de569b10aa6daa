/// A value for machines; members keep their order.
// Indirect: Swift 6.3.1 otherwise finds a circular reference in some orders of files.
indirect enum JSON {
  case object([(name: String, value: JSON)])
  case array([JSON])
  case string(String)
  case integer(Int)
  case number(Double)
  case bool(Bool)
  case null

  init(_ text: String?) {
    self = text.map(JSON.string) ?? .null
  }
}

extension JSON: CustomStringConvertible {
  /// On one line.
  var description: String {
    switch self {
    case .object(let members): "{" + members.map { "\(Self.quoted($0.name)):\($0.value)" }.joined(separator: ",") + "}"
    case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
    case .string(let text): Self.quoted(text)
    case .integer(let number): "\(number)"
    // JSON has no infinities or NaN.
    case .number(let number): number.isFinite ? "\(number)" : "null"
    case .bool(let value): value ? "true" : "false"
    case .null: "null"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\0"..."\u{1F}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
