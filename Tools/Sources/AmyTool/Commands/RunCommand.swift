internal import Amy
internal import AmySockets
internal import AmyThreads
internal import ArgumentParser

/// Server and generator in one process, the default.
struct RunCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Start an echo server on a free loopback port, drive it, and verify every byte.",
    discussion: ToolError.statusHelp)

  @OptionGroup var load: LoadOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var output: OutputOptions

  func execute() throws {
    let (model, threads) = (model.model, threads.threads)
    try DescriptorBudget.ensure(
      connections: load.connections, perConnection: 2,
      overhead: DescriptorBudget.ofServer(model, threads: threads) + DescriptorBudget.ofLoad(threads: threads))
    // Blocked before any other thread starts: the thread that shows the progress takes the signals.
    ([.interrupt, .terminate] as Signals).block()
    let server: Server<TCPStream>
    do {
      server = try Server(model, at: .loopback(port: 0), threads: threads)
    } catch {
      throw ToolError(error, doing: "start the server")
    }
    defer { server.close() }
    let plan = load.plan(for: server.endpoint, threads: threads)
    let outcome = try LoadRun(plan, showsProgress: !output.json).run { server.unstick() }
    server.close()
    if !output.json { try outcome.checkBeginning() }
    report(server, outcome)
    if let failure = server.failure { throw ToolError("a thread of the server ended early: \(failure)", .failed) }
    try outcome.check()
  }

  private func report(_ server: Server<TCPStream>, _ outcome: LoadOutcome) {
    let threads = server.reports
    // A worker's batches are not waits for the kernel.
    let waiting = threads.filter { !$0.role.hasPrefix("worker") }
    let eventsPerWait = Double(waiting.total(\.events)) / Double(max(1, waiting.total(\.waits)))
    output.print(
      ["amy run: model \(server.model), \(server.endpoint), \(outcome.plan.summary)", ""] + outcome.lines
        + ["  events/wait    \(Format.decimal(eventsPerWait)) in the server", "", "What each thread did:"]
        + Table(of: threads + outcome.threads).lines,
      [
        ("command", .string("run")), ("model", .string(server.model.rawValue)),
        ("endpoint", .string("\(server.endpoint)")), ("threads", .integer(self.threads.threads)),
      ] + outcome.json + [
        ("events_per_wait", .number(eventsPerWait)), ("server", .array(threads.map { JSON($0) })),
      ])
  }
}
