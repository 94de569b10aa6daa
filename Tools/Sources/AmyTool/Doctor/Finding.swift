/// The doctor's check or limit.
struct Finding {
  /// For machines, such as `descriptors`.
  let name: String
  let text: String
  let grade: Grade
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
