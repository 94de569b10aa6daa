internal import Amy
internal import AmyThreads

/// Everything at once against a model of the server; then a check that all is as before.
struct Soak {
  private let plan: SoakPlan
  private let model: Model
  private let violations: ViolationLog

  init(_ plan: SoakPlan, _ model: Model) {
    self.plan = plan
    self.model = model
    violations = ViolationLog(timeLimit: plan.timeLimit)
  }

  /// Runs the soak.
  ///
  /// - Parameter look: Called several times a second with the progress; returns whether to continue.
  /// - Returns: The outcome.
  /// - Throws: ``ToolError`` if the soak cannot start.
  func run(_ look: (String) -> Bool) throws(ToolError) -> SoakOutcome {
    let descriptors = openDescriptors
    var outcome = SoakOutcome(model: model, descriptorsBefore: descriptors)
    do {
      try soak(&outcome, look)
    } catch {
      throw ToolError(error, doing: "begin the soak")
    }
    outcome.descriptorsAfter = openDescriptors
    outcome.elapsed = violations.elapsed
    sample(&outcome, always: true)
    // After a violation threads may still run and hold resources.
    if violations.violations.isEmpty, outcome.descriptorsAfter != descriptors {
      violations.report("descriptors", "\(descriptors) were open before, but \(outcome.descriptorsAfter) after")
    }
    outcome.violations = violations.violations
    return outcome
  }

  /// Counted after one more poller: the double of kqueue(2) frees a closed queue when the next is made.
  private var openDescriptors: Int {
    _ = try? Poller()
    return DescriptorLimit.open
  }

  /// Runs all parts, and destroys what it made.
  private func soak(_ outcome: inout SoakOutcome, _ look: (String) -> Bool) throws {
    let visitors = Counter("threads that came and went")
    let seed = SeededRNG(plan.seed, model.rawValue).state
    func workers() -> Workers { Workers(violations: violations, seed: seed, visitors: visitors) }
    let parts: [any SoakPart] = [
      try ClientsPart(workers(), model), try TimersPart(workers()), try ChannelsPart(workers()), try Handing(workers()),
      try Relay(workers()), try WakeRace(workers()), try SignalsPart(workers()), DescriptorExhaustion(workers()),
    ]
    for part in parts { try part.start() }
    oversee(parts, &outcome, look)
    finish(parts, &outcome, look)
    if violations.violations.isEmpty {
      for part in parts { part.close() }
    }
    outcome.parts = parts.map { part in SoakOutcome.Part(name: part.name, counts: part.counters.map { ($0.name, $0.value) }) }
    outcome.visitors = visitors.value
    if let leak = outcome.samples.leak, violations.violations.isEmpty { violations.report("memory", leak) }
  }

  /// Watches the parts until the time is over, or a violation.
  private func oversee(_ parts: [any SoakPart], _ outcome: inout SoakOutcome, _ look: (String) -> Bool) {
    var watchdog = Watchdog(parts, violations)
    while !violations.isOver, violations.elapsed < plan.duration {
      sample(&outcome)
      if !look(progress(parts)) { outcome.isInterrupted = true }
      if outcome.isInterrupted { break }
      watchdog.look()
    }
    violations.stop()
  }

  /// Waits until all is finished.
  private func finish(_ parts: [any SoakPart], _ outcome: inout SoakOutcome, _ look: (String) -> Bool) {
    let begin = MonotonicClock.now
    var watchdog = Watchdog(parts, violations)
    while violations.violations.isEmpty, !parts.allSatisfy(\.isDone) {
      sample(&outcome)
      _ = look("finishing: \(parts.filter { !$0.isDone }.map(\.name).joined(separator: ", "))")
      watchdog.look()
      if violations.isOverdue(since: begin, at: MonotonicClock.now) {
        for part in parts where !part.isDone { violations.report(part.name, "does not end: \(part.whereabouts)") }
      }
    }
  }

  private func sample(_ outcome: inout SoakOutcome, always: Bool = false) {
    outcome.samples.take(at: violations.elapsed, always: always) { ProcessMemory.resident.map { ($0, DescriptorLimit.open) } }
  }

  private func progress(_ parts: [any SoakPart]) -> String {
    let counts = parts.map { "\($0.name) \(Format.count($0.progress))" }.joined(separator: ", ")
    return "\(model), \(Format.seconds(violations.elapsed)) of \(Format.seconds(plan.duration)): \(counts)"
  }
}

private struct Watchdog {
  private let parts: [any SoakPart]
  private let violations: ViolationLog
  /// Each part's progress, and its last change.
  private var last: [(progress: Int, time: UInt64)]

  init(_ parts: [any SoakPart], _ violations: ViolationLog) {
    self.parts = parts
    self.violations = violations
    last = parts.map { ($0.progress, MonotonicClock.now) }
  }

  mutating func look() {
    let now = MonotonicClock.now
    for (index, part) in parts.enumerated() {
      let progress = part.progress
      if progress != last[index].progress || part.isDone { last[index] = (progress, now) }
      if violations.isOverdue(since: last[index].time, at: now) {
        violations.report(part.name, "stalled for \((now - last[index].time) / 1_000_000) ms: \(part.whereabouts)")
      }
      if let failure = part.workers.failure { violations.report(part.name, "a call that cannot fail failed: \(failure)") }
    }
    for part in parts { part.inspect(at: now) }
  }
}
