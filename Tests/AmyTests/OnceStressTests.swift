import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Foundation
import Synchronization
import Testing

/// Several threads arm `once` for both directions, and wait.
@Suite(
  "Once for both directions", .enabled(if: DescriptorLimit.current.soft >= 256, "needs dozens of descriptors"),
  .timeLimit(.minutes(10)))
struct OnceStressTests {
  /// The number of events: `AMY_STRESS_EVENTS`, or else a million optimized, and 50,000 in a debug build.
  static var events: Int {
    if let count = ProcessInfo.processInfo.environment["AMY_STRESS_EVENTS"].flatMap(Int.init) { return count }
    #if DEBUG
    return 50_000
    #else
    return 1_000_000
    #endif
  }

  @Test("with 4 arming and 3 waiting threads never gives a socket two owners, and loses no event")
  func ownership() throws {
    let (arming, waiting, sockets) = (4, 3, 24)
    let poller = try Poller()
    let registrar = poller.registrar
    let bench = Bench(events: Self.events, try (0..<sockets).map { try Stressed(isFull: $0 % 2 == 1) })

    let waiters = (0..<waiting).map { number in
      SystemThread.spawn("waiter \(number)") {
        var events = EventBuffer(capacity: number * 3 + 1)
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices { bench.harvested(events[index]) }
        }
      }
    }
    let registrars = (0..<arming).map { number in
      SystemThread.spawn("registrar \(number)") { () throws(PollerError) -> Void in
        var random = UInt64(number + 1)
        while let socket = bench.take() {
          // Xorshift: the same in each run, different in each thread.
          random ^= random << 13
          random ^= random >> 7
          random ^= random << 17
          try socket.arm(with: registrar, random)
        }
      }
    }
    for thread in registrars { try thread.join() }
    bench.awaitAll()
    poller.close()
    for waiter in waiters { waiter.join() }
    #expect(bench.stolen == 0, "a socket had two owners")
    #expect(bench.foreign == 0, "an event came under an id that is not, or no longer, the socket's")
    #expect(bench.untrue == 0, "an event reported a false readiness")
    #expect(bench.delivered == Self.events, "each arming should make one event")
  }
}

/// Passes sockets from the threads that receive events to those that arm, and counts.
private final class Bench: Sendable {
  private let sockets: [Event.ID: Stressed]
  private let free: Monitor<(queue: [Stressed], armings: Int)>
  private let events: Int
  private let counts = Tally()
  private let thefts = Atomic(0)
  private let strangers = Atomic(0)
  private let lies = Atomic(0)

  init(events: Int, _ sockets: [Stressed]) {
    self.events = events
    self.sockets = Dictionary(uniqueKeysWithValues: sockets.flatMap { socket in socket.ids.map { ($0, socket) } })
    free = Monitor((sockets, events))
  }

  /// Returns a socket to arm without an owner, or nil when all armings are taken.
  func take() -> Stressed? {
    let taken: Stressed?? = free.wait { state in
      if state.armings == 0 { return .some(nil) }
      guard let socket = state.queue.popLast() else { return nil }
      state.armings -= 1
      return socket
    }
    return taken ?? nil
  }

  func harvested(_ event: Event) {
    guard let socket = sockets[event.id] else {
      strangers.add(1, ordering: .relaxed)
      return
    }
    if !socket.own() { thefts.add(1, ordering: .relaxed) }
    if event.id != socket.currentID { strangers.add(1, ordering: .relaxed) }
    if !socket.is(event.readiness) { lies.add(1, ordering: .relaxed) }
    free.withLock { $0.queue.insert(socket, at: 0) }
    free.notifyAll()
    counts.add(1)
  }

  func awaitAll() { counts.wait(for: events) }

  var delivered: Int { counts.value }
  var stolen: Int { thefts.load(ordering: .relaxed) }
  var foreign: Int { strangers.load(ordering: .relaxed) }
  var untrue: Int { lies.load(ordering: .relaxed) }
}

private final class Stressed: Sendable {
  /// Used in turn: an older arming's event has another id, or is long past.
  let ids = (0..<3).map { _ in Event.ID.next() }
  private let turn = Atomic(0)
  private let near: UnixStream
  private let far: UnixStream
  /// Whether the output is full: then only incoming bytes make an event, or room that comes while it is armed.
  private let isFull: Bool
  private let isOwned = Atomic(true)
  private let isRegistered = Atomic(false)

  init(isFull: Bool) throws(PollerError) {
    let pair = try UnixStream.pair()
    near = pair.first
    far = pair.second
    self.isFull = isFull
    if isFull { try fill() }
  }

  private func fill() throws(PollerError) {
    let bytes = [UInt8](repeating: 7, count: 4096)
    while case .bytes = try near.write(bytes) {}
  }

  /// Takes the ownership, and returns whether it was free.
  func own() -> Bool { !isOwned.exchange(true, ordering: .acquiringAndReleasing) }

  /// The last arming's id.
  var currentID: Event.ID { ids[turn.load(ordering: .acquiring)] }

  /// Returns whether the readiness is true: only the owner could change it.
  func `is`(_ readiness: Readiness) -> Bool {
    var bytes: [UInt8] = []
    if readiness.contains(.readable), (try? near.read(appendingTo: &bytes, atMost: 1)) != .bytes(1) { return false }
    if readiness.contains(.writable), isFull, (try? near.write([1])) != .bytes(1) { return false }
    return !readiness.isEmpty && readiness.isSubset(of: [.readable, .writable])
  }

  /// Gives up the ownership, and ensures one event before, while, or after the socket is armed.
  func arm(with registrar: Registrar, _ random: UInt64) throws(PollerError) {
    var bytes: [UInt8] = []
    // Nothing is left to read, and a full socket stays full unless another thread changes that while it is armed.
    while case .bytes = try near.read(appendingTo: &bytes, atMost: 4096) {}
    let makesRoom = isFull && random % 4 == 0
    if isFull { try fill() }
    if random % 8 == 1 { _ = try far.write([1]) }
    if random % 32 == 5, isRegistered.exchange(false, ordering: .relaxed) { try registrar.deregister(near) }
    let next = (turn.load(ordering: .relaxed) + 1) % ids.count
    turn.store(next, ordering: .releasing)
    isOwned.store(false, ordering: .releasing)
    if isRegistered.exchange(true, ordering: .relaxed) {
      try registrar.reregister(near, as: ids[next], for: [.readable, .writable], trigger: .once)
    } else {
      try registrar.register(near, as: ids[next], for: [.readable, .writable], trigger: .once)
    }
    // From here on another thread may own the socket. Acting on its peer makes the other direction ready during the event. For
    // a full socket, one direction alone makes the event, and must not be lost.
    if makesRoom {
      _ = try far.read(appendingTo: &bytes, atMost: 262_144)
    } else {
      _ = try far.write([1])
    }
  }
}
