internal import Amy
internal import AmyThreads
internal import ArgumentParser

/// Tries what works on this machine, and reports its limits.
struct DoctorCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Try out what Amy needs from this system, check its limits, and give advice.",
    discussion: "EXIT STATUS: 0 everything works, though a limit may be low; 1 something does not work.")

  @OptionGroup var output: OutputOptions

  func execute() throws {
    let kernel = TextFile.read("/proc/sys/kernel/ostype").map { "\($0) \(TextFile.read("/proc/sys/kernel/osrelease") ?? "")" }
    let backend = Trials.backend
    let trials = Trials.run()
    let limits = Limits.look()
    let findings = trials + limits
    let isGood = !findings.contains { $0.grade == .bad }
    let advice = findings.compactMap { finding in finding.advice.map { "  \(finding.name): \($0)" } }
    output.print(
      ["amy doctor: \(kernel ?? "unknown kernel"), \(backend)", "", "What works:"]
        + table(trials) + ["", "Limits:"] + table(limits)
        + (advice.isEmpty ? [] : ["", "Advice:"] + advice)
        + ["", isGood ? "All works." : "Something does not work here."],
      [
        ("command", .string("doctor")), ("ok", .bool(isGood)), ("kernel", JSON(kernel)), ("backend", .string(backend)),
        ("checks", .array(trials.map(\.json))), ("limits", .array(limits.map(\.json))),
      ])
    if !isGood { throw ToolError("something does not work here: see above", .failed) }
  }

  private func table(_ findings: [Finding]) -> [String] {
    let width = findings.map(\.name.count).max() ?? 0
    return findings.map { finding in
      let padding = String(repeating: " ", count: width - finding.name.count)
      return "  \(finding.name)\(padding)  \(finding.grade.rawValue)  \(finding.text)"
    }
  }
}
