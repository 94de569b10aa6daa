import Amy
import AmyTestSupport
import Foundation
import Testing

/// Random operations on a poller and its registrars, against a model; what fails is made short.
@Suite("A poller and its model", .timeLimit(.minutes(10)))
struct ModelTests {
  /// How many operations: `AMY_MODEL_STEPS=1000000 swift test --filter ModelTests`.
  static var steps: Int { number("AMY_MODEL_STEPS") ?? 250_000 }

  /// Another one in each run, unless the environment says which: `AMY_MODEL_SEED`.
  static var seed: UInt64 { number("AMY_MODEL_SEED").map(UInt64.init) ?? .random(in: 0..<1 << 32) }

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap(Int.init) }

  /// After so many there is a new poller.
  static let length = 200

  @Test("agree over random operations", arguments: BackendContractTests.kernels)
  func agree(_ kernel: any KernelUnderTest) throws {
    let isSimulated = kernel is SimulatedKernel
    let seed = Self.seed
    // The system's kernel has streams that must be filled, and everything else that the machine does.
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

  /// In a child of one thread, since signals belong to a process, and all of its threads must block them.
  @Test(
    "agree over random operations with signals and children",
    .enabled(if: !KernelDifferences.system.tellsOwnEnd, "of two filters for a stream the model knows nothing"))
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

  /// The shortest sequences by which the library was seen to part from the model, when it was broken on purpose.
  ///
  /// What fails next goes here.
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
    // A timer 1 ns early, with another.
    Known(
      isSimulated: true, isWatched: false,
      [
        .set(2, after: 1, every: 0), .set(2, after: 0, every: 0), .wait(room: 4, timeout: 0),
      ]),
    // Moving a timer to the front.
    Known(isSimulated: true, isWatched: true, [.set(0, after: 8, every: 0), .move(0, after: 0, every: 0)]),
    Known(
      isSimulated: false, isWatched: false,
      [
        .set(2, after: 10, every: 0), .move(2, after: 0, every: 0), .wait(room: 4, timeout: 0),
      ]),
    // The id of a timer that fired, for another one in its place.
    Known(
      isSimulated: true, isWatched: false,
      [
        .set(2, after: 0, every: 0), .wait(room: 4, timeout: 0), .set(2, after: 0, every: 0), .wait(room: 4, timeout: 0),
      ]),
    // A stale handle.
    Known(
      isSimulated: false, isWatched: true,
      [
        .set(3, after: 0, every: 0), .wait(room: 4, timeout: 0), .set(3, after: 0, every: 0), .cancelStale(3),
      ]),
    // Messages that a closure did not take, and are lost.
    Known(
      isSimulated: false, isWatched: true,
      [
        .openChannel(1, capacity: nil), .send(1), .send(1), .send(1), .receiveAll(1, throwingAfter: 1),
        .wait(room: 4, timeout: 0), .send(1), .wait(room: 4, timeout: 0),
      ]),
    // What is left behind is not told again.
    Known(
      isSimulated: true, isWatched: false,
      [
        .openChannel(1, capacity: nil), .send(1), .send(1), .wait(room: 4, timeout: 0), .receive(1), .wait(room: 4, timeout: 0),
      ]),
    // News behind the last that there is room for.
    Known(
      isSimulated: true, isWatched: false,
      [
        .openUser(0), .openChannel(1, capacity: nil), .trigger(0), .send(1), .settle,
      ]),
    // A waker that was rung for news, and is taken for a wake.
    Known(
      isSimulated: true, isWatched: true,
      [
        .openChannel(1, capacity: nil), .send(1), .receiveAll(1, throwingAfter: nil), .wait(room: 4, timeout: 10),
      ]),
    // A loop outside that is told nothing.
    Known(isSimulated: false, isWatched: true, [.openUser(0), .trigger(0)]),
    // Messages that starve behind a descriptor that stays ready.
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

  @Test("agree over sequences by which they once parted", arguments: known)
  func remember(_ known: Known) {
    #expect(Self.failure(of: known.operations, known.isSimulated, known.isWatched) == nil)
  }

  /// What comes of a sequence over a kernel of its own: nil if nothing.
  static func failure(of operations: [Operation], _ isSimulated: Bool, _ isWatched: Bool) -> String? {
    do {
      try ModelRun.run(operations, over: isSimulated ? SimulatedKernel() : SystemKernel(), isWatched: isWatched)
      return nil
    } catch { return "\(error)" }
  }

  /// What fails, made short.
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

/// Whoever shrinks has to end with what fails, and with nothing that need not be there.
@Suite("Shrinking")
struct ShrinkingTests {
  @Test("finds the elements that matter, wherever they are", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func shrinks(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    let sequence = (0..<500).map { _ in random.below(1000) }
    let wanted = (0..<4).map { sequence[40 + $0 * 130 + random.below(50)] }
    // Fails where these come, in this order, whatever stands between them.
    func fails(_ candidate: [Int]) -> Bool {
      var left = wanted[...]
      for number in candidate where number == left.first { left.removeFirst() }
      return left.isEmpty
    }
    #expect(fails(sequence))
    #expect(shrink(sequence, while: fails) == wanted)
  }

  @Test("takes apart what only goes together")
  func pairs() {
    // Each that opens has one that closes, else nothing can be said: single elements cannot be left out.
    let sequence = [1, 2, -2, 3, -3, -1, 4, -4, 7, -7, 5, -5]
    func fails(_ candidate: [Int]) -> Bool { candidate.reduce(0, +) == 0 && candidate.contains(7) }
    #expect(shrink(sequence, while: fails).sorted() == [-7, 7])
  }

  @Test("puts simpler elements in the place of others, and ends where there are none")
  func simplifies() {
    let shortest = shrink([90, 3, 77, 12]) { number in
      number > 0 ? [number / 2, number - 1] : []
    } while: { candidate in
      candidate.contains { $0 >= 10 }
    }
    #expect(shortest == [10])
  }

  @Test("asks no more often than it may, and then has something that fails")
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
