internal import Amy

/// Makes, replaces and drops registrations of signals, and sends them.
struct Raiser: ~Copyable {
  private let set: SignalSet
  private var rng: SeededRNG
  private var passerby: Passerby
  private let ledger: SourceLedger
  private var id: Event.ID
  private var registration: SignalRegistration?

  init(_ set: SignalSet, _ rng: SeededRNG, _ passerby: Passerby, _ ledger: SourceLedger) {
    self.set = set
    self.rng = rng
    self.passerby = passerby
    self.ledger = ledger
    id = passerby.registrar.reserveID()
    ledger.open(id, .signals(set))
  }

  mutating func work(_ sleep: CheckedSleep) throws(PollerError) {
    while !ledger.isOver {
      for _ in 0..<rng.roll(1...40) where !ledger.isOver { try live() }
      sleep.rest(.microseconds(rng.roll(0...4_000)))
    }
    registration = nil
  }

  private mutating func live() throws(PollerError) {
    if rng.isOne(in: 8) { rename() }
    guard try register() else { return }
    let numbers = (0..<rng.roll(1...6)).map { _ in rng.pick(set.numbers) }
    let before = numbers.map(ledger.count)
    for number in numbers { ledger.send(number) }
    if rng.isOne(in: 4) {
      for (number, count) in zip(numbers, before) {
        if !ledger.wait(for: number, beyond: count, "signal \(number), sent to \(id), was not reported") { return }
      }
    } else {
      // A waiter takes them.
      passerby.linger()
    }
    if rng.isOne(in: 2) {
      registration = nil
      try passerby.visit()
    }
  }

  /// Drops the registration; the next has a new id.
  private mutating func rename() {
    registration = nil
    ledger.close(id)
    id = passerby.registrar.reserveID()
    ledger.open(id, .signals(set))
  }

  /// Makes or replaces the registration; false without a descriptor.
  private mutating func register() throws(PollerError) -> Bool {
    do throws(PollerError) {
      registration = try SignalRegistration(set.signals, as: id, with: passerby.registrar)
      return true
    } catch {
      if error.code == .descriptorLimit { return false }
      throw error
    }
  }
}
