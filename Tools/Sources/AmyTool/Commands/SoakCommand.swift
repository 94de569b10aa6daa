internal import Amy
internal import AmyThreads
internal import ArgumentParser
internal import SystemPackage

struct SoakCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak",
    abstract: "Run everything at once for as long as you like, and look for any violation of a promise of Amy.",
    discussion: """
      Clients of all kinds, timers, channels, sockets that move between threads, wake-ups, signals, children, and periods \
      without descriptors: the soak checks every byte, the time of every timer and the order of every message, and that \
      memory and descriptors are returned. The first violation ends it. The seed decides what each thread does and repeats \
      it, but not how the kernel interleaves the threads. Everything stays in this process and on loopback.

      \(ToolError.statusHelp)
      """)

  @Option(help: "Duration in seconds, all models together; the default is one minute.")
  var seconds: Double?

  @Option(help: "Duration in minutes.")
  var minutes: Double?

  @Option(help: "The seed of all decisions; the default is a new one each time.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "The server's model: handover, shared, sharded, or all, one after the other.", valueName: "model"))
  var model = "all"

  @Option(help: ArgumentHelp("File for a plot of memory and descriptors over time.", valueName: "file.svg"))
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
    // First: all threads inherit the mask.
    SignalsPart.signals.block()
    var signals = try SignalWatch.blocking([.interrupt, .terminate])
    _ = DescriptorLimit.raised()
    warmUp()
    // First, since a crash prints nothing more.
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

  /// Opens what first uses open and keep, so that it is no leak.
  private func warmUp() {
    _ = ProcessMemory.resident
    _ = UInt64.random(in: 0...1)
  }

  /// The command that repeats this run.
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
