internal import Amy
internal import AmyThreads

/// The ids that may be reported, and how often they were.
final class SourceLedger: Sendable {
  enum Kind: Sendable {
    case signals(SignalSet)
    case child
    case descriptor
  }

  fileprivate struct Entry: Sendable {
    let kind: Kind
    /// The maximum of reports, if any.
    var limit: Int?
    var told = 0
    /// Since when only waits begun before may report it.
    var end: UInt64?
  }

  fileprivate struct Book: Sendable {
    var entries: [Event.ID: Entry] = [:]
    /// How often each was sent, and reported.
    var sent: [Int32: Int] = [:]
    var told: [Int32: Int] = [:]
  }

  private let name: String
  private let violations: ViolationLog
  private let sent: Counter
  private let told: Counter
  private let book = Monitor(Book())

  init(_ name: String, _ violations: ViolationLog, sent: Counter, told: Counter) {
    self.name = name
    self.violations = violations
    self.sent = sent
    self.told = told
  }

  var isOver: Bool { violations.isOver }

  func report(_ what: String) {
    violations.report(name, what)
  }

  // Actions.

  /// Expects events under an id, anew or again.
  func open(_ id: Event.ID, _ kind: Kind, limit: Int? = nil) {
    book.withLock { book in
      var entry = book.entries[id] ?? Entry(kind: kind)
      (entry.limit, entry.end) = (limit, nil)
      book.entries[id] = entry
    }
  }

  /// Expects no more events.
  func close(_ id: Event.ID) {
    book.withLock { $0.entries[id]?.end = MonotonicClock.now }
  }

  func send(_ signal: Int32) {
    // Before it can be reported.
    book.withLock { $0.sent[signal, default: 0] += 1 }
    sent.add()
    ProcessProbe.send(signal)
  }

  // Reports.

  func count(_ id: Event.ID) -> Int { book.withLock { $0.entries[id]?.told ?? 0 } }

  func count(_ signal: Int32) -> Int { book.withLock { $0.told[signal] ?? 0 } }

  func hear(_ event: Event) {
    if case .signal = event.kind { told.add() }
    let mistake = book.withLock { $0.hear(event) }
    if let mistake { report(mistake) }
    book.notifyAll()
  }

  /// Returns whether an id was reported more often than the count in time.
  func wait(for id: Event.ID, beyond count: Int, _ what: String) -> Bool {
    wait(what) { ($0.entries[id]?.told ?? 0) > count }
  }

  /// Returns whether a signal was reported more often than the count in time.
  func wait(for signal: Int32, beyond count: Int, _ what: String) -> Bool {
    wait(what) { ($0.told[signal] ?? 0) > count }
  }

  private func wait(_ what: String, for isTold: (Book) -> Bool) -> Bool {
    let begin = MonotonicClock.now
    let outcome = book.wait { book -> Bool? in
      if isTold(book) { return true }
      return violations.isOverdue(since: begin, at: MonotonicClock.now) ? false : nil
    }
    if !outcome { report(what) }
    return outcome
  }

  /// Lets threads check the time, and forgets ids closed long ago.
  func inspect(at now: UInt64) {
    book.withLock { book in
      book.entries = book.entries.filter { _, entry in entry.end.map { !violations.isOverdue(since: $0, at: now) } ?? true }
    }
    book.notifyAll()
  }
}

extension SourceLedger.Book {
  /// Records an event, and returns what is wrong with it.
  fileprivate mutating func hear(_ event: Event) -> String? {
    guard var entry = entries[event.id] else { return "an event under an unknown id: \(event)" }
    entry.told += 1
    entries[event.id] = entry
    if let limit = entry.limit, entry.told > limit { return "was reported \(entry.told) times instead of \(limit): \(event)" }
    switch (entry.kind, event.kind) {
    case (.descriptor, .ready(.readable)), (.child, .process): return nil
    case (.signals(let set), .signal(let number)) where set.numbers.contains(number):
      told[number, default: 0] += 1
      let (count, sent) = (told[number] ?? 0, sent[number] ?? 0)
      return count > sent ? "signal \(number) was reported \(count) times, but sent \(sent) times" : nil
    case (.descriptor, _): return "a stranger's socket was reported as something else: \(event)"
    case (.child, _): return "a child was reported as something else: \(event)"
    case (.signals, _): return "the id of signals was reported as something else: \(event)"
    }
  }
}
