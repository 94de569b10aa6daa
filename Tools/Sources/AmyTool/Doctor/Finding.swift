/// One thing that the doctor looked at.
struct Finding {
  /// What it is, as a name for machines: `descriptors`.
  let name: String
  /// What it is like.
  let text: String
  /// How bad it is.
  let grade: Grade
  /// What to do about it.
  var advice: String?

  enum Grade: String {
    case good = "ok"
    /// Works, and may become too little.
    case low = "low"
    /// Does not work.
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
