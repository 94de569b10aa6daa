internal import Amy
internal import AmySockets
internal import AmyThreads

/// A load from start to end, with a progress line; Control-C ends it cleanly.
struct LoadRun {
  private let plan: LoadPlan
  private let showsProgress: Bool

  init(_ plan: LoadPlan, showsProgress: Bool) {
    self.plan = plan
    self.showsProgress = showsProgress
  }

  /// Runs the load.
  ///
  /// - Parameter meanwhile: Called several times a second.
  /// - Returns: The outcome.
  /// - Throws: ``ToolError`` if the load cannot start.
  func run(meanwhile: () -> Void = {}) throws(ToolError) -> LoadOutcome {
    // First: all threads inherit the mask.
    var signals = try SignalWatch.blocking([.interrupt, .terminate])
    let load = try start()
    let line = ProgressLine(isWanted: showsProgress)
    while load.isRunning {
      line.show(load.progress)
      meanwhile()
      if signals.wait(timeout: .milliseconds(50)) != nil { load.cancel() }
    }
    return load.join()
  }

  private func start() throws(ToolError) -> Load {
    do {
      return plan.endpoint.family == .unix
        ? try Load(plan, over: UnixStream.self) : try Load(plan, over: TCPStream.self)
    } catch {
      throw ToolError(error, doing: "start the generator")
    }
  }
}

extension LoadPlan {
  var summary: String {
    """
    \(Format.counted(connections, "connection")), \(Format.bytes(size)) a request\
    \(every.map { " every \(Format.decimal($0 / .seconds(1), digits: 3)) s" } ?? ""), \(Format.seconds(duration)), \
    \(Format.counted(threads, "thread"))
    """
  }
}

extension LoadOutcome {
  /// Throws if the load never began: there is nothing to report.
  func checkBeginning() throws(ToolError) {
    if let error = load.environmentFailure {
      throw ToolError("the system has too few resources for this load: \(error)", .environment)
    }
    if let error = load.unreachable, load.connected == 0 {
      throw ToolError("cannot connect to \(plan.endpoint): \(error)", .unavailable)
    }
  }

  /// Throws if the load failed, briefly: the report is printed by now.
  func check() throws(ToolError) {
    try checkBeginning()
    if !isGood { throw ToolError(verdictInShort, .failed) }
  }

  private var verdictInShort: String {
    load.failed > 0
      ? "\(Format.count(load.failed)) of \(Format.counted(plan.connections, "connection")) failed"
      : "not all connections were tried before the end"
  }
}
