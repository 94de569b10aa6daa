import Amy
import AmyTestSupport
import CAmyTestSupport
import Testing

/// In a process of its own each, where nothing else allocates: bytes are counted.
@Suite("A channel's memory", .timeLimit(.minutes(10)))
struct ChannelMemoryTests {
  @Test("that a burst took is given back, whatever way it is received")
  func burst() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases {
        for nextWay in Way.allCases {
          for isBounded in [false, true] { try Scenario.burst(way, then: nextWay, isBounded) }
        }
      }
    }
  }

  @Test("that a burst took is given back by a channel that is never empty")
  func neverEmpty() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases where way != .all { try Scenario.neverEmpty(way) }
    }
  }

  @Test("goes with the receiver, though senders stay")
  func receiverGone() async {
    await #expect(processExitsWith: .success) {
      for way in Way.allCases { try Scenario.receiverGone(way) }
    }
  }

  @Test("that bursts of one size need is kept from one to the next")
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

/// How to receive.
private enum Way: CaseIterable {
  case all, one, waiting, waitingToDeadline, spinning

  /// Receives so many, which are there.
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
    // Nobody knows that it was a burst before something less has come.
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

  /// Whether about as much has been freed as the messages of a burst are long.
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
    // The test's own process has some to do besides.
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
