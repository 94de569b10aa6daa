internal import Amy
internal import AmySockets
internal import AmyThreads

/// The generator: each connection sends its next request when the last echo is complete, unless the plan sets an interval.
final class Load: Sendable {
  let plan: LoadPlan
  private let stage: Stage
  private let crew = ThreadGroup()
  private let total = Monitor(LoadReport())

  /// Starts the threads, which connect and begin.
  convenience init<Stream: EchoStream & ~Copyable>(_ plan: LoadPlan, over stream: Stream.Type) throws {
    switch plan.wire {
    case .echo: try self.init(plan, over: stream, talking: EchoExchange.self)
    case .lines: try self.init(plan, over: stream, talking: ItemExchange<AskingLines>.self)
    case .frames: try self.init(plan, over: stream, talking: ItemExchange<AskingFrames>.self)
    case .chat: try self.init(plan, over: stream, talking: ChatExchange.self)
    }
  }

  private init<Stream: EchoStream & ~Copyable, Talk: Exchange & ~Copyable>(
    _ plan: LoadPlan, over _: Stream.Type, talking _: Talk.Type
  ) throws {
    self.plan = plan
    stage = Stage(threads: plan.threads, duration: plan.duration)
    let pattern = Pattern(size: plan.size, isText: plan.wire.isText)
    for thread in 0..<plan.threads {
      let poller = try Poller()
      try crew.start("load \(thread + 1)") { [self] (board) throws(PollerError) in
        var generator = Generator<Stream, Talk>(plan, pattern, poller, board)
        defer { total.withLock { $0.add(generator.load) } }
        try generator.run(plan.share(of: thread), stage)
      }
    }
  }

  var isRunning: Bool { crew.isRunning }

  var progress: String {
    let reports = crew.reports
    guard let begin = stage.begin else {
      return "connecting: \(Format.count(reports.total(\.opened))) of \(Format.count(plan.connections))"
    }
    let elapsed = Duration.nanoseconds(Int64(MonotonicClock.now - begin))
    let requests = reports.total(\.requests)
    let rate = Double(requests) / max(elapsed / .seconds(1), 0.001)
    return """
      \(Format.seconds(min(elapsed, plan.duration))) of \(Format.seconds(plan.duration)), \
      \(Format.counted(reports.total(\.opened) - reports.total(\.closed), "connection")), \
      \(Format.count(requests)) requests, \(Format.decimal(rate, digits: 0))/s
      """
  }

  func cancel() {
    stage.cancel()
  }

  func join() -> LoadOutcome {
    crew.join()
    var load = total.withLock { $0 }
    if let failure = crew.failure { load.environmentFailure = load.environmentFailure ?? failure }
    let begin = stage.begin ?? load.finish
    return LoadOutcome(
      plan: plan, load: load, threads: crew.reports, elapsed: .nanoseconds(Int64(max(load.finish, begin) - begin)))
  }
}
