internal import Amy
internal import AmyThreads
internal import ArgumentParser
internal import SystemPackage

/// Torture.
struct SoakCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak",
    abstract: "Do everything at once for as long as you like, and look for one thing that Amy promises not to do.",
    discussion: """
      Clients of all kinds, timers, channels, sockets that go from thread to thread, wake-ups, signals, children, and moments \
      without descriptors: every byte, every timer's time and every message's order is checked, and so is that memory and \
      descriptors come back. The first violation ends it. A seed decides what each thread does, and brings it back; how the \
      kernel weaves the threads it does not decide. Everything stays in this process and on loopback.

      \(ToolError.statusHelp)
      """)

  @Option(help: "For how long, in seconds, all models together; one minute unless you say so.")
  var seconds: Double?

  @Option(help: "For how long, in minutes.")
  var minutes: Double?

  @Option(help: "What decides what is done; another one each time unless you say so.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "The server's model: handover, shared, sharded, or all, one after the other.", valueName: "model"))
  var model = "all"

  @Option(help: ArgumentHelp("Where to draw memory and descriptors over time.", valueName: "file.svg"))
  var plot: String?

  @OptionGroup var output: OutputOptions

  private var length: Double { minutes.map { $0 * 60 } ?? seconds ?? 60 }

  func validate() throws {
    guard seconds == nil || minutes == nil else { throw ValidationError("say --seconds or --minutes") }
    guard (0.5...604_800).contains(length) else { throw ValidationError("a soak takes half a second to a week") }
    guard model == "all" || Model(rawValue: model) != nil else {
      throw ValidationError("--model takes handover, shared, sharded or all")
    }
  }

  func execute() throws {
    let models = Model(rawValue: model).map { [$0] } ?? Model.allCases
    let plan = SoakPlan(
      seed: seed ?? UInt64.random(in: 0...999_999), models: models, duration: .seconds(length / Double(models.count)))
    // Before the first thread starts: all of them inherit it.
    SignalsPart.signals.block()
    var signals = try SignalWatch.blocking([.interrupt, .terminate])
    _ = DescriptorLimit.raised()
    warmUp()
    // At the beginning: who crashes says nothing more.
    Console.write("amy soak: seed \(plan.seed)\n")
    var outcomes: [SoakOutcome] = []
    for model in plan.models where outcomes.allSatisfy({ $0.isGood && !$0.isInterrupted }) {
      let line = ProgressLine(isWanted: !output.json)
      outcomes.append(
        try Soak(plan, model).run { progress in
          line.show(progress)
          return signals.wait(timeout: .milliseconds(50)) == nil
        })
    }
    report(plan, outcomes)
    if let plot { try draw(plan, outcomes, plot) }
    let count = outcomes.reduce(0) { $0 + $1.violations.count }
    if count > 0 { throw ToolError("\(Format.counted(count, "violation")): see above", .failed) }
  }

  /// What the first use of some things opens and keeps is not to be taken for lost.
  private func warmUp() {
    _ = ProcessMemory.resident
    _ = UInt64.random(in: 0...1)
  }

  /// How to run the same again.
  private func again(_ plan: SoakPlan) -> String {
    let seconds = length == length.rounded() ? "\(Int(length))" : "\(length)"
    return "amy soak --seed \(plan.seed) --seconds \(seconds) --model \(model)"
  }

  private func report(_ plan: SoakPlan, _ outcomes: [SoakOutcome]) {
    let isGood = outcomes.allSatisfy(\.isGood)
    output.print(
      ["amy soak: seed \(plan.seed)"] + outcomes.flatMap { [""] + $0.lines } + [
        "", "Verdict: \(isGood ? "no violation" : "FAILED"). The same again: \(again(plan))",
      ],
      [
        ("command", .string("soak")), ("ok", .bool(isGood)), ("seed", .string("\(plan.seed)")),
        ("again", .string(again(plan))), ("models", .array(outcomes.map(\.json))),
      ])
  }

  private func draw(_ plan: SoakPlan, _ outcomes: [SoakOutcome], _ path: String) throws(ToolError) {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter {
        _ = try file.writeAll(SoakPlot(outcomes, title: again(plan)).svg.utf8)
      }
    } catch {
      throw ToolError("cannot write \(path): \(error)", .unavailable)
    }
  }
}
