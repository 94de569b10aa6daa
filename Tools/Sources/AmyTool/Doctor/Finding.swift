/// A check or a limit that the doctor reports.
struct Finding {
  /// The machine-readable name, such as `descriptors`.
  let name: String
  /// The description.
  let text: String
  /// The severity.
  let grade: Grade
  /// The advice, if any.
  var advice: String?

  enum Grade: String {
    case good = "ok"
    /// It works, but may become too little.
    case low = "low"
    /// It does not work.
    case bad = "FAILED"
  }

  init(_ name: String, _ text: String, _ grade: Grade = .good, advice: String? = nil) {
    self.name = name
    self.text = text
    self.grade = grade
    self.advice = advice
  }

  var json: JSON {
    .object([
      ("name", .string(name)), ("status", .string(grade.rawValue.lowercased())), ("detail", .string(text)),
      ("advice", JSON(advice)),
    ])
  }
}
