import Amy
import AmyTestSupport
import CAmyTestSupport
import Testing

/// Each test counts bytes in its own process, where nothing else allocates.
@Suite("A channel's memory", .timeLimit(.minutes(10)))
struct ChannelMemoryTests {
  @Test("allocated for a burst is freed, however the burst is received")
  func burst() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases {
        for nextWay in Way.allCases {
          for isBounded in [false, true] { try Scenario.burst(way, then: nextWay, isBounded) }
        }
      }
    }
  }

  @Test("allocated for a burst is freed even if the channel is never empty")
  func neverEmpty() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases where way != .all { try Scenario.neverEmpty(way) }
    }
  }

  @Test("is freed with the receiver, even if senders remain")
  func receiverGone() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases { try Scenario.receiverGone(way) }
    }
  }

  @Test("is kept between bursts of one size")
  func steady() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases {
        for size in [1, 100, 5_000] {
          for rest in way == .all ? [0] : [0, 10] { try Scenario.steady(way, size, leaving: rest) }
        }
      }
    }
  }
}

private enum Way: CaseIterable {
  case all, one, waiting, waitingToDeadline, spinning

  /// Receives messages that are already there.
  func receive(_ count: Int, from receiver: Receiver<Int>) {
    var rest = count
    while rest > 0 {
      switch self {
      case .all: receiver.receiveAll { _ in rest -= 1 }
      case .one: rest -= isMessage(receiver.tryReceive())
      case .waiting: rest -= isMessage(receiver.receive())
      case .waitingToDeadline: rest -= isMessage(receiver.receive(timeout: .seconds(60)))
      case .spinning: rest -= isMessage(receiver.receive(timeout: .seconds(60), spinning: .seconds(1)))
      }
    }
  }

  private func isMessage(_ outcome: ReceiveOutcome<Int>) -> Int {
    if case .message = outcome { 1 } else { 0 }
  }
}

private enum Scenario {
  static let count = 1 << 16

  static func burst(_ way: Way, then next: Way, _ isBounded: Bool) throws {
    let (send, receiver) = try channel(isBounded)
    for number in 0..<count { send(number) }
    let most = amy_test_allocated_bytes()
    way.receive(count, from: receiver)
    // Only less traffic afterwards shows that it was a burst.
    for number in 0..<3 {
      send(number)
      next.receive(1, from: receiver)
    }
    #expect(isFreed(since: most), "\(way), then \(next), bounded: \(isBounded)")
  }

  static func neverEmpty(_ way: Way) throws {
    let (send, receiver) = try channel(false)
    for number in 0..<count { send(number) }
    let most = amy_test_allocated_bytes()
    way.receive(count - 10, from: receiver)
    for number in 0..<3 * count {
      send(number)
      way.receive(1, from: receiver)
    }
    #expect(isFreed(since: most), "\(way)")
  }

  static func receiverGone(_ way: Way) throws {
    let (sender, most) = try senderAfterBurst(way)
    #expect(sender.send(1) == 1)
    #expect(isFreed(since: most), "\(way)")
  }

  private static func senderAfterBurst(_ way: Way) throws -> (Sender<Int>, most: Int) {
    let (sender, receiver) = try makeChannel(of: Int.self)
    for number in 0..<count { precondition(sender.send(number) == nil) }
    let most = amy_test_allocated_bytes()
    way.receive(count, from: receiver)
    return (sender, most)
  }

  /// Whether about as many bytes are freed as a burst's messages occupy.
  private static func isFreed(since most: Int) -> Bool {
    most - amy_test_allocated_bytes() >= count * MemoryLayout<Int>.stride - 65_536
  }

  static func steady(_ way: Way, _ size: Int, leaving rest: Int) throws {
    let (send, receiver) = try channel(false)
    for number in 0..<rest { send(number) }
    var (least, most) = (Int.max, 0)
    for round in 0..<30 {
      for number in 0..<size { send(number) }
      let full = amy_test_allocated_bytes()
      way.receive(size, from: receiver)
      if round < 5 { continue }
      least = min(least, full, amy_test_allocated_bytes())
      most = max(most, full, amy_test_allocated_bytes())
    }
    // The test itself allocates a little.
    #expect(most - least < 16_384, "\(way), bursts of \(size) above \(rest)")
  }

  private static func channel(_ isBounded: Bool) throws -> (send: (Int) -> Void, receiver: Receiver<Int>) {
    if isBounded {
      let (sender, receiver) = try makeChannel(of: Int.self, capacity: count)
      return ({ precondition(sender.trySend($0) == .sent) }, receiver)
    }
    let (sender, receiver) = try makeChannel(of: Int.self)
    return ({ precondition(sender.send($0) == nil) }, receiver)
  }
}
