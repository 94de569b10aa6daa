internal import Amy
internal import AmyThreads

/// A poller's timers, and what each must do.
///
/// An entry exists before its timer is set, until it cannot fire any more: an event without one is a violation.
final class TimerLedger: Sendable {
  private let records = Monitor<[Event.ID: TimerRecord]>([:])
  private let violations: ViolationLog
  private let name: String
  private let fired: Counter

  init(_ name: String, _ fired: Counter, _ violations: ViolationLog) {
    self.name = name
    self.fired = fired
    self.violations = violations
  }

  var isEmpty: Bool { records.withLock { $0.allSatisfy { $0.value.rhythm != nil } } }

  // Before and after a timer is set, moved or cancelled.

  func open(_ id: Event.ID, due: UInt64) {
    records.withLock { $0[id] = TimerRecord(due: [due]) }
  }

  func open(_ id: Event.ID, every period: UInt64, from begin: UInt64) {
    records.withLock { $0[id] = TimerRecord(rhythm: TimerRecord.Rhythm(begin: begin, period: period, last: begin)) }
  }

  func beginChange(_ id: Event.ID) {
    update(id) { $0.isInFlux = true }
  }

  func moved(_ id: Event.ID, to due: UInt64, wasPending: Bool) {
    update(id) { record in
      // If it was pending, so was its last deadline.
      if wasPending { record.due.removeLast() }
      record.due.append(due)
      record.isInFlux = false
    }
  }

  func cancelled(_ id: Event.ID, wasPending: Bool, at now: UInt64) {
    change(id) { record in
      if record.rhythm != nil, !wasPending { return "repeats, but was not pending when it was cancelled" }
      record.rhythm?.end = now
      if record.rhythm == nil, wasPending { record.due.removeLast() }
      record.isInFlux = false
      record.isLetGo = true
      return nil
    }
  }

  private func update(_ id: Event.ID, _ body: (inout TimerRecord) -> Void) {
    change(id) { record -> String? in
      body(&record)
      return nil
    }
  }

  private func change(_ id: Event.ID, _ body: (inout TimerRecord) -> String?) {
    let mistake = records.withLock { records -> String? in
      guard var record = records[id] else { return "is not in the ledger" }
      let mistake = body(&record) ?? record.mistake
      records[id] = record.isFinished ? nil : record
      return mistake
    }
    if let mistake { violations.report(name, "timer \(id) \(mistake)") }
  }

  // The events of waits.

  /// Records a wait's events, with its start and end.
  func take(_ events: borrowing EventBuffer, from begin: UInt64, to now: UInt64) {
    for index in events.indices {
      let event = events[index]
      if case .timer(let expirations) = event.kind {
        fired.add()
        take(event.id, UInt64(expirations), from: begin, to: now)
      }
    }
  }

  private func take(_ id: Event.ID, _ expirations: UInt64, from begin: UInt64, to now: UInt64) {
    let mistake = records.withLock { records -> String? in
      guard var record = records[id] else { return "fired, but had fired or was cancelled before" }
      var mistake: String?
      if record.rhythm == nil {
        record.seen.append(now)
        mistake = expirations == 1 ? record.mistake : "fires once, but reported \(expirations) periods"
      } else {
        mistake = record.rhythm?.hear(expirations, from: begin, to: now)
      }
      records[id] = record.isFinished ? nil : record
      return mistake
    }
    if let mistake { violations.report(name, "timer \(id) \(mistake)") }
  }

  /// Looks for overdue timers, and forgets repeating ones cancelled long ago.
  func inspect(at now: UInt64) {
    let lost = records.withLock { records -> String? in
      var lost: String?
      for (id, record) in records {
        if let rhythm = record.rhythm {
          if let end = rhythm.end {
            if violations.isOverdue(since: end, at: now) { records[id] = nil }
          } else if violations.isOverdue(since: rhythm.last + rhythm.period, at: now) {
            lost = "timer \(id), which repeats every \(rhythm.period) ns, was not reported for \(now - rhythm.last) ns"
          }
        } else if let due = record.nextDue, violations.isOverdue(since: due, at: now) {
          lost = "timer \(id) was lost: it was due \(now - due) ns ago"
        }
      }
      return lost
    }
    if let lost { violations.report(name, lost) }
  }
}

extension TimerRecord.Rhythm {
  /// Records an event, and returns what is wrong with it.
  mutating func hear(_ expirations: UInt64, from begin: UInt64, to now: UInt64) -> String? {
    // On its way to another thread it may arrive later.
    if let end, begin > end { return "fired in a wait that began \(begin - end) ns after it was cancelled" }
    told += expirations
    // Threads may arrive in another order than their events.
    last = max(last, now)
    let passed = (last - self.begin) / period
    return told > passed ? "reported \(told) periods of \(period) ns, when \(passed) had passed" : nil
  }
}
