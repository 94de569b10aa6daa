internal import Amy
internal import AmySockets
internal import AmyStreams
internal import AmyThreads
internal import SystemPackage

/// Opens foreign descriptors with numbers just freed, and checks that nothing touches them.
struct Passerby: Sendable {
  let registrar: Registrar
  private var rng: SeededRNG
  private let ledger: SourceLedger
  private let visits: Counter
  private let id: Event.ID

  init(_ registrar: Registrar, _ rng: SeededRNG, _ ledger: SourceLedger, _ visits: Counter) {
    self.registrar = registrar
    self.rng = rng
    self.ledger = ledger
    self.visits = visits
    id = registrar.reserveID()
    ledger.open(id, .descriptor)
  }

  /// About as long as a thread takes to wake and handle its events.
  mutating func linger() {
    let begin = MonotonicClock.now
    let time = UInt64(rng.size(upTo: 60_000))
    while MonotonicClock.now - begin < time {}
  }

  /// Opens a socket, usually after a blocking pipe, with or without bytes.
  mutating func visit() throws(PollerError) {
    if rng.isOne(in: 4) { return try beTold() }
    // No descriptor may be left.
    guard let pipe = try? FileDescriptor.pipe() else { return }
    let bytes = [UInt8](repeating: UInt8(rng.roll(0...255)), count: rng.isOne(in: 3) ? 0 : rng.roll(1...4_096))
    if !bytes.isEmpty { _ = try? pipe.writeEnd.writeAll(bytes) }
    linger()
    // A thread that waits for the pipe does not wait for the socket.
    try beTold()
    if !bytes.isEmpty { look(for: bytes, in: pipe.readEnd) }
    try? pipe.readEnd.close()
    try? pipe.writeEnd.close()
  }

  private func look(for bytes: [UInt8], in pipe: FileDescriptor) {
    var left: [UInt8] = []
    left.append(addingCapacity: bytes.count + 1) { room in _ = try? pipe.readAvailable(into: &room) }
    if left != bytes { ledger.report("a stranger's pipe has \(left.count) of its \(bytes.count) bytes left, or others") }
  }

  /// Registers a socket that must be reported.
  private mutating func beTold() throws(PollerError) {
    guard let pair = try? UnixStream.pair() else { return }
    let far = pair.second
    let trigger = rng.isOne(in: 8) ? Trigger.level : rng.pick([.once, .edge])
    let near = try Registration(pair.first, as: id, with: registrar, for: .readable, trigger: trigger)
    linger()
    let before = ledger.count(id)
    _ = try far.write([1])
    if !ledger.wait(for: id, beyond: before, "a stranger's socket, \(id), has a byte and is not reported") { return }
    var bytes: [UInt8] = []
    if try near.source.read(appendingTo: &bytes, atMost: 8) != .bytes(1) { ledger.report("a stranger's byte is gone") }
    visits.add()
  }
}
