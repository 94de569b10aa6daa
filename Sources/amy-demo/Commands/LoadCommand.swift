internal import Amy
internal import AmySockets
internal import AmyThreads
internal import ArgumentParser

/// The generator alone.
struct LoadCommand: DemoCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Drive any echo server, and verify every byte that it sends back.",
    discussion: """
      Each connection sends a request, waits for all of its echo, compares it, and sends the next.

      \(DemoError.statusHelp)
      """)

  @Option(help: ArgumentHelp("The echo server.", valueName: "host:port|unix:path"))
  var connect: String

  @OptionGroup var load: LoadOptions

  @Option(help: "Threads that generate load.")
  var threads = 2

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 to 64") }
  }

  func execute() throws {
    let endpoint = try Address.resolve(connect, option: "--connect")
    try DescriptorBudget.ensure(
      connections: load.connections, perConnection: 1, overhead: DescriptorBudget.ofLoad(threads: threads))
    let plan = load.plan(for: endpoint, threads: threads)
    let outcome = try LoadRun(plan, showsProgress: !output.json).run()
    if !output.json { try outcome.checkBeginning() }
    output.print(
      ["amy-demo load: \(endpoint), \(plan.summary)", ""] + outcome.lines + ["", "The generator:"]
        + Table(of: outcome.threads).lines,
      [("command", .string("load")), ("endpoint", .string("\(endpoint)"))] + outcome.json)
    try outcome.check()
  }
}
