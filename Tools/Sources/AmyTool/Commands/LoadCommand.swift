internal import Amy
internal import AmySockets
internal import AmyThreads
internal import ArgumentParser

struct LoadCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Drive a server of echoes, lines, frames or a chat, and verify every byte it sends back.",
    discussion: """
      Each connection sends a request, waits for its complete echo, compares it, and sends the next. In a chat, such as the \
      one in Examples, each connection sends a message, waits for the messages of all others in its room (of ten or more), \
      compares them, and continues: every message must reach all others, in order.

      \(ToolError.statusHelp)
      """)

  @Option(help: ArgumentHelp("The server.", valueName: "host:port|unix:path"))
  var connect: String

  @Option(name: .customLong("protocol"), help: "echo, lines, frames (with a four-byte prefix) or chat.")
  var wire = LoadProtocol.echo

  @OptionGroup var load: LoadOptions

  @Option(help: "Threads that generate load.")
  var threads = 2

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...64).contains(threads) else { throw ValidationError("--threads takes 1 to 64") }
    if wire == .chat, !(1...400).contains(load.size) || load.connections < 2 {
      throw ValidationError("--protocol chat takes 1 to 400 for --size, and 2 --connections or more")
    }
    if wire == .chat, load.every != nil {
      throw ValidationError("--every does not work with the chat, where members wait for one another")
    }
  }

  func execute() throws {
    let endpoint = try Address.resolve(connect, option: "--connect")
    try DescriptorBudget.ensure(
      connections: load.connections, perConnection: 1, overhead: DescriptorBudget.ofLoad(threads: threads))
    let plan = load.plan(for: endpoint, threads: threads, wire: wire)
    let outcome = try LoadRun(plan, showsProgress: !output.json).run()
    if !output.json { try outcome.checkBeginning() }
    output.print(
      ["amy load: protocol \(wire), \(endpoint), \(plan.summary)", ""] + outcome.lines + ["", "The generator:"]
        + Table(of: outcome.threads).lines,
      [("command", .string("load")), ("protocol", .string(wire.rawValue)), ("endpoint", .string("\(endpoint)"))] + outcome.json)
    try outcome.check()
  }
}
