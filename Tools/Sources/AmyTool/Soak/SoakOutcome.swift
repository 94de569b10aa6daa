/// The result of one model's soak.
struct SoakOutcome: Sendable {
  let model: Model
  let descriptorsBefore: Int
  var descriptorsAfter = 0
  var elapsed = Duration.zero
  var parts: [Part] = []
  var visitors = 0
  var samples = Samples()
  var violations: [ViolationLog.Violation] = []
  /// Whether a signal ended it early.
  var isInterrupted = false

  struct Part: Sendable {
    let name: String
    let counts: [(name: String, count: Int)]
  }

  init(model: Model, descriptorsBefore: Int) {
    self.model = model
    self.descriptorsBefore = descriptorsBefore
  }

  var isGood: Bool { violations.isEmpty }

  /// A line for each part.
  var lines: [String] {
    var lines = ["Model \(model), \(Format.seconds(elapsed)):"]
    for part in parts { lines.append(line(part.name, part.counts.map { "\(Format.count($0.count)) \($0.name)" })) }
    lines.append(line("threads", ["\(Format.count(visitors)) came and went"]))
    let memory = samples.all.map(\.memory)
    lines.append(
      line(
        "memory",
        [
          "\(Format.bytes(memory.first ?? 0)) at first", "\(Format.bytes(samples.mostMemory)) at most",
          "\(Format.bytes(memory.last ?? 0)) at the end", Format.counted(memory.count, "sample"),
        ]))
    lines.append(
      line(
        "descriptors",
        [
          "\(Format.count(descriptorsBefore)) before", "\(Format.count(samples.mostDescriptors)) at most",
          "\(Format.count(descriptorsAfter)) after",
        ]))
    for violation in violations {
      lines.append(line("VIOLATION", ["\(violation.part), after \(Format.seconds(violation.time)): \(violation.what)"]))
    }
    return lines
  }

  private func line(_ name: String, _ facts: [String]) -> String {
    "  \(name)\(String(repeating: " ", count: max(0, 13 - name.count)))\(facts.joined(separator: ", "))"
  }

  /// A name of two words for machines.
  private func key(_ name: String) -> String {
    String(name.map { $0 == " " || $0 == "-" ? "_" : $0 })
  }

  var json: JSON {
    .object([
      ("model", .string(model.rawValue)), ("ok", .bool(isGood)), ("seconds", .number(elapsed / .seconds(1))),
      ("parts", .object(parts.map { part in (part.name, .object(part.counts.map { (key($0.name), .integer($0.count)) })) })),
      ("threads", .integer(visitors)), ("samples", .integer(samples.all.count)),
      ("most_memory", .integer(samples.mostMemory)), ("most_descriptors", .integer(samples.mostDescriptors)),
      ("descriptors_before", .integer(descriptorsBefore)), ("descriptors_after", .integer(descriptorsAfter)),
      (
        "violations",
        .array(
          violations.map { violation in
            .object([
              ("part", .string(violation.part)), ("seconds", .number(violation.time / .seconds(1))),
              ("what", .string(violation.what)),
            ])
          })
      ),
    ])
  }
}
