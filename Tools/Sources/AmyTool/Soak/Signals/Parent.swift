internal import Amy
internal import AmyThreads

/// Starts at most two children at a time, watches their ends, and reaps each.
struct Parent: ~Copyable {
  private typealias Status = ProcessRegistration.ExitStatus

  private var rng: SeededRNG
  private var passerby: Passerby
  private let ledger: SourceLedger
  private let ended: Counter
  /// The last child's id, which the next takes over, and its reports.
  private var old: (id: Event.ID, told: Int)?
  private var registration: ProcessRegistration?

  init(_ rng: SeededRNG, _ passerby: Passerby, _ ledger: SourceLedger, _ ended: Counter) {
    self.rng = rng
    self.passerby = passerby
    self.ledger = ledger
    self.ended = ended
  }

  mutating func work(_ sleep: CheckedSleep) throws(PollerError) {
    while !ledger.isOver {
      switch rng.roll(0...5) {
      case 0: try beDropped()
      case 1: try beKilled()
      case 2: try takePlace()
      default: try end()
      }
      sleep.rest(rng.duration(upTo: .milliseconds(8)))
    }
    registration = nil
  }

  /// A child ends before it is watched, or after.
  private mutating func end() throws(PollerError) {
    let isWell = rng.isOne(in: 2)
    guard let child = ChildProcess.ending(well: isWell) else { return }
    if rng.isOne(in: 4) { child.waitUntilEnded() }
    if let (id, told) = try register(child) { try hear(child, id, beyond: told, .exited(code: isWell ? 0 : 1)) }
    child.reap()
  }

  private mutating func beKilled() throws(PollerError) {
    guard let child = ChildProcess.sleeping() else { return }
    let place = try register(child)
    child.kill()
    if let (id, told) = place { try hear(child, id, beyond: told, .signalled(number: 9)) }
    child.reap()
  }

  /// A watched child is replaced, and ends unreported.
  private mutating func takePlace() throws(PollerError) {
    guard let first = ChildProcess.sleeping() else { return }
    if let place = try register(first) {
      old = place
      try end()
      // If no other came, unregister it before its end.
      if let old, old == place { forget() }
    }
    first.kill()
    first.reap()
  }

  /// Drops a registration around its child's end.
  private mutating func beDropped() throws(PollerError) {
    guard let child = ChildProcess.ending(well: true) else { return }
    if rng.isOne(in: 2) { child.waitUntilEnded() }
    if let place = try register(child) { old = place }
    forget()
    try passerby.visit()
    child.reap()
  }

  /// Watches a child in place of the last or under a new id; nil without a descriptor.
  private mutating func register(_ child: ChildProcess) throws(PollerError) -> (id: Event.ID, told: Int)? {
    if rng.isOne(in: 2) { forget() }
    let place: (id: Event.ID, told: Int)
    if let old {
      place = old
    } else {
      place = (passerby.registrar.reserveID(), 0)
    }
    ledger.open(place.id, .child, limit: place.told + 1)
    do throws(PollerError) {
      registration = try ProcessRegistration(of: child.id, as: place.id, with: passerby.registrar)
      return place
    } catch {
      if error.code == .descriptorLimit { return nil }
      throw error
    }
  }

  private mutating func forget() {
    registration = nil
    if let old { ledger.close(old.id) }
    old = nil
  }

  /// Waits for the report of its end, and checks how it ended.
  private mutating func hear(_ child: ChildProcess, _ id: Event.ID, beyond told: Int, _ expected: Status) throws(PollerError) {
    if !ledger.wait(for: id, beyond: told, "the end of child \(child.id), watched as \(id), was not reported") { return }
    let status = try registration?.status()
    if status != expected {
      ledger.report("child \(child.id) ended as \(expected), but is reported as \(status.map { "\($0)" } ?? "running")")
    }
    ended.add()
    old = (id, told + 1)
  }
}
