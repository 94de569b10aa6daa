import Amy
import AmyTestSupport
import Foundation
import Testing

/// Random operations on a poller and its registrars, compared with a model; a failing sequence is shrunk.
@Suite("A poller and its model", .timeLimit(.minutes(10)))
struct ModelTests {
  /// The number of operations: `AMY_MODEL_STEPS=1000000 swift test --filter ModelTests`.
  static var steps: Int { number("AMY_MODEL_STEPS") ?? 250_000 }

  /// A new seed in each run, unless `AMY_MODEL_SEED` sets it.
  static var seed: UInt64 { number("AMY_MODEL_SEED").map(UInt64.init) ?? .random(in: 0..<1 << 32) }

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap(Int.init) }

  /// The operations on one poller.
  static let length = 200

  @Test("agree over random operations", arguments: BackendContractTests.kernels)
  func agree(_ kernel: any KernelUnderTest) throws {
    let isSimulated = kernel is SimulatedKernel
    let seed = Self.seed
    // The system's kernel is slower: filling its streams takes real bytes, and the machine does other work.
    let steps = isSimulated ? Self.steps : Self.steps / 10
    print("model: \(steps) operations over \(kernel), AMY_MODEL_SEED=\(seed)")
    for sequence in 0..<(steps / Self.length) {
      var random = SplitMix(state: seed &+ UInt64(sequence))
      let isWatched = random.below(2) == 0
      let operations = (0..<Self.length).map { _ in
        isSimulated ? Operation.random(&random) : Operation.random(&random).withoutTime
      }
      if let failure = Self.failure(of: operations, isSimulated, isWatched) {
        Issue.record("\(Self.shortest(failure, operations, isSimulated, isWatched, seed))")
        return
      }
    }
  }

  /// In a child with one thread: all a process's threads must block its signals.
  @Test(
    "agree over random operations with signals and children",
    .enabled(if: !KernelDifferences.system.tellsOwnEnd, "the model does not cover two filters for one stream"))
  func agreeInAProcess() async {
    await #expect(processExitsWith: .success) {
      let failure = report(ofChildFor: 500) { ModelTests.failureInAProcess() ?? "" }
      if !failure.isEmpty { Issue.record("\(failure)") }
    }
  }

  private static func failureInAProcess() -> String? {
    let seed = Self.seed
    for signals in Operation.signals { signals.block() }
    for sequence in 0..<(steps / 10 / length) {
      var random = SplitMix(state: seed &+ UInt64(sequence))
      let isWatched = random.below(2) == 0
      let operations = (0..<length).map { _ in Operation.randomOfProcess(&random) }
      if let failure = failure(of: operations, false, isWatched) {
        return shortest(failure, operations, false, isWatched, seed)
      }
    }
    return nil
  }

  /// The shortest sequences that found the library broken on purpose: add the next failure here.
  static let known: [Known] = [
    // A `once` that is not disarmed.
    Known(
      isSimulated: true, isWatched: true,
      [
        .open(2), .register(2, [.readable, .writable], .once), .wait(room: 4, timeout: 0), .wait(room: 4, timeout: 0),
      ]),
    Known(
      isSimulated: false, isWatched: true,
      [
        .open(1), .register(1, [.readable], .once), .hangUp(1), .wait(room: 4, timeout: 0), .wait(room: 4, timeout: 0),
      ]),
    // A timer fires 1 ns early, with another one.
    Known(
      isSimulated: true, isWatched: false,
      [
        .set(2, after: 1, every: 0), .set(2, after: 0, every: 0), .wait(room: 4, timeout: 0),
      ]),
    // A timer moves to the front.
    Known(isSimulated: true, isWatched: true, [.set(0, after: 8, every: 0), .move(0, after: 0, every: 0)]),
    Known(
      isSimulated: false, isWatched: false,
      [
        .set(2, after: 10, every: 0), .move(2, after: 0, every: 0), .wait(room: 4, timeout: 0),
      ]),
    // Another timer under the id of one that fired.
    Known(
      isSimulated: true, isWatched: false,
      [
        .set(2, after: 0, every: 0), .wait(room: 4, timeout: 0), .set(2, after: 0, every: 0), .wait(room: 4, timeout: 0),
      ]),
    Known(
      isSimulated: false, isWatched: true,
      [
        .set(3, after: 0, every: 0), .wait(room: 4, timeout: 0), .set(3, after: 0, every: 0), .cancelStale(3),
      ]),
    // Messages lost that a throwing closure did not take.
    Known(
      isSimulated: false, isWatched: true,
      [
        .openChannel(1, capacity: nil), .send(1), .send(1), .send(1), .receiveAll(1, throwingAfter: 1),
        .wait(room: 4, timeout: 0), .send(1), .wait(room: 4, timeout: 0),
      ]),
    // Messages left behind are not reported again.
    Known(
      isSimulated: true, isWatched: false,
      [
        .openChannel(1, capacity: nil), .send(1), .send(1), .wait(room: 4, timeout: 0), .receive(1), .wait(room: 4, timeout: 0),
      ]),
    // Ready entries beyond the buffer's room.
    Known(
      isSimulated: true, isWatched: false,
      [
        .openUser(0), .openChannel(1, capacity: nil), .trigger(0), .send(1), .settle,
      ]),
    // A ready entry's signal of the waker is taken for a wake.
    Known(
      isSimulated: true, isWatched: true,
      [
        .openChannel(1, capacity: nil), .send(1), .receiveAll(1, throwingAfter: nil), .wait(room: 4, timeout: 10),
      ]),
    // An outer loop is not notified.
    Known(isSimulated: false, isWatched: true, [.openUser(0), .trigger(0)]),
    // Messages starve behind a descriptor that stays ready.
    Known(
      isSimulated: true, isWatched: false,
      [
        .open(0), .openChannel(0, capacity: nil), .register(0, [.readable, .writable], .level), .send(0), .settle,
      ]),
  ]

  struct Known: Sendable, CustomStringConvertible {
    let isSimulated: Bool
    let isWatched: Bool
    let operations: [Operation]

    init(isSimulated: Bool, isWatched: Bool, _ operations: [Operation]) {
      self.isSimulated = isSimulated
      self.isWatched = isWatched
      self.operations = operations
    }

    var description: String { operations.map(\.swift).joined(separator: ", ") }
  }

  @Test("agree over sequences at which they once differed", arguments: known)
  func remember(_ known: Known) {
    #expect(Self.failure(of: known.operations, known.isSimulated, known.isWatched) == nil)
  }

  /// Runs a sequence over a new kernel, and returns its failure.
  static func failure(of operations: [Operation], _ isSimulated: Bool, _ isWatched: Bool) -> String? {
    do {
      try ModelRun.run(operations, over: isSimulated ? SimulatedKernel() : SystemKernel(), isWatched: isWatched)
      return nil
    } catch { return "\(error)" }
  }

  private static func shortest(
    _ failure: String, _ operations: [Operation], _ isSimulated: Bool, _ isWatched: Bool, _ seed: UInt64
  ) -> String {
    let shortest = shrink(operations, simpler: \.simpler) { Self.failure(of: $0, isSimulated, isWatched) != nil }
    let reason = Self.failure(of: shortest, isSimulated, isWatched) ?? failure
    let lines = shortest.map { "  \($0.swift)," }.joined(separator: "\n")
    return """
      AMY_MODEL_SEED=\(seed): \(reason)
      Known(isSimulated: \(isSimulated), isWatched: \(isWatched), [
      \(lines)
      ])
      """
  }
}

/// Shrinking must end with a failing sequence of necessary elements.
@Suite("Shrinking")
struct ShrinkingTests {
  @Test("finds the elements that matter, wherever they are", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func shrinks(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    let sequence = (0..<500).map { _ in random.below(1000) }
    let wanted = (0..<4).map { sequence[40 + $0 * 130 + random.below(50)] }
    // Fails if the wanted numbers occur in this order.
    func fails(_ candidate: [Int]) -> Bool {
      var left = wanted[...]
      for number in candidate where number == left.first { left.removeFirst() }
      return left.isEmpty
    }
    #expect(fails(sequence))
    #expect(shrink(sequence, while: fails) == wanted)
  }

  @Test("removes elements that only go together")
  func pairs() {
    // Each opening element needs its closing one: none can be left out alone.
    let sequence = [1, 2, -2, 3, -3, -1, 4, -4, 7, -7, 5, -5]
    func fails(_ candidate: [Int]) -> Bool { candidate.reduce(0, +) == 0 && candidate.contains(7) }
    #expect(shrink(sequence, while: fails).sorted() == [-7, 7])
  }

  @Test("replaces elements with simpler ones, until none is simpler")
  func simplifies() {
    let shortest = shrink([90, 3, 77, 12]) { number in
      number > 0 ? [number / 2, number - 1] : []
    } while: { candidate in
      candidate.contains { $0 >= 10 }
    }
    #expect(shortest == [10])
  }

  @Test("asks no more often than its limit, and still returns a failing sequence")
  func limit() {
    var asked = 0
    let shortest = shrink(Array(0..<1000), asking: 30) { candidate in
      asked += 1
      return candidate.contains(7) && candidate.contains(993)
    }
    #expect(asked == 30)
    #expect(shortest.contains(7) && shortest.contains(993) && shortest.count < 1000)
  }
}
