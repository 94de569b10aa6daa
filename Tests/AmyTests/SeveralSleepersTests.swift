import Amy
import AmyTestSupport
import AmyThreads
import Testing

/// Channels on which several threads sleep: each message, and each end, wakes the right number of them.
@Suite("A channel on which several threads sleep")
struct SeveralSleepersTests {
  @Test("wakes a receiver for each message, sent one by one or at once", arguments: 1...4, [false, true])
  func receivers(_ count: Int, _ isBurst: Bool) throws {
    let (sender, receiver) = try makeChannel(of: Int.self)
    let name = "getter \(count) \(isBurst)"
    let threads = (0..<count).map { _ in SystemThread<Int?, Never>.spawn(name) { receiver.receivedInTime() } }
    Sleepers.wait(for: count, named: name)
    for number in 0..<count {
      #expect(sender.send(number) == nil)
      // One fewer sleeps before the next is sent.
      if !isBurst { Sleepers.wait(for: count - number - 1, named: name) }
    }
    #expect(Set(threads.map { $0.join() }) == Set(0..<count))
  }

  @Test("wakes a sender for each message that is received, one by one or at once", arguments: 1...4, [false, true])
  func senders(_ count: Int, _ isBurst: Bool) throws {
    let (sender, receiver) = try makeChannel(of: Int.self, capacity: count)
    for _ in 0..<count { #expect(sender.trySend(-1) == .sent) }
    let name = "putter \(count) \(isBurst)"
    let threads = (0..<count).map { number in
      SystemThread<Bool, Never>.spawn(name) { sender.send(number, until: .now + .seconds(60)) == .sent }
    }
    Sleepers.wait(for: count, named: name)
    if isBurst {
      receiver.receiveAll { _ in }
    } else {
      for _ in 0..<count { #expect(receiver.tryReceive() == .message(-1)) }
    }
    #expect(threads.map { $0.join() }.allSatisfy { $0 })
    var numbers: Set<Int> = []
    receiver.receiveAll { numbers.insert($0) }
    #expect(numbers == Set(0..<count))
  }

  @Test("wakes all receivers when the last sender is destroyed", arguments: 1...4)
  func lastSender(_ count: Int) throws {
    let (sender, receiver) = try makeChannel(of: Int.self)
    var last: Sender? = sender
    let name = "mourner \(count)"
    let threads = (0..<count).map { _ in
      SystemThread<Bool, Never>.spawn(name) {
        if case .disconnected = receiver.receive(timeout: .seconds(60)) { true } else { false }
      }
    }
    Sleepers.wait(for: count, named: name)
    withExtendedLifetime(last) {}
    last = nil
    _ = consume sender
    #expect(threads.map { $0.join() }.allSatisfy { $0 })
  }

  @Test("wakes all senders when the receiver is destroyed, and gives them their messages back", arguments: 1...4)
  func lostReceiver(_ count: Int) throws {
    let (sender, receiver) = try makeChannel(of: Int.self, capacity: 1)
    #expect(sender.trySend(-1) == .sent)
    let name = "refused \(count)"
    let threads = (0..<count).map { number in
      SystemThread<Bool, Never>.spawn(name) { sender.send(number, until: .now + .seconds(60)) == .disconnected(number) }
    }
    Sleepers.wait(for: count, named: name)
    _ = consume receiver
    #expect(threads.map { $0.join() }.allSatisfy { $0 })
  }
}

extension Receiver<Int> {
  /// Returns the next message, or nil if none arrives within a minute.
  fileprivate func receivedInTime() -> Int? {
    if case .message(let number) = receive(timeout: .seconds(60)) { number } else { nil }
  }
}
