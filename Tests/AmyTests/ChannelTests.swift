import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import Synchronization
import Testing

/// The promises of every kernel for messages and user events.
@Suite("A channel", .timeLimit(.minutes(10)))
struct ChannelTests {
  static var kernels: [any KernelUnderTest] { BackendContractTests.kernels }

  // C1
  @Test("that is empty says so, and its poller reports nothing", arguments: kernels)
  func empty(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let (sender, receiver) = try poller.makeChannel(of: Int.self)
    #expect(receiver.next == .empty)
    #expect(try poller.poll().isEmpty)
    withExtendedLifetime(sender) {}
  }

  @Test("makes one event when messages arrive, with or without a waiter, and keeps their order", arguments: kernels)
  func oneEvent(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let (sender, receiver) = try poller.makeChannel(of: Int.self)
    for number in 0..<5 { #expect(sender.send(number) == nil) }
    #expect(try poller.waitForEvents() == [Event(id: receiver.id, kind: .message)])
    #expect(try poller.poll().isEmpty, "the event came again")
    #expect(sender.send(5) == nil)
    #expect(try poller.poll().isEmpty, "the channel was not empty, so no event is due")
    #expect(receiver.all() == [0, 1, 2, 3, 4, 5])
    #expect(sender.send(6) == nil)
    #expect(try poller.waitForEvents() == [Event(id: receiver.id, kind: .message)])
    #expect(receiver.all() == [6])
  }

  // C3
  @Test("with messages left makes another event, and an emptied one none", arguments: kernels)
  func partialDrain(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let (sender, receiver) = try poller.makeChannel(of: Int.self)
    for number in 0..<3 { #expect(sender.send(number) == nil) }
    #expect(try poller.poll().map(\.id) == [receiver.id])
    for number in 0..<2 {
      #expect(receiver.next == .message(number))
      #expect(try poller.poll().map(\.id) == [receiver.id], "messages are left")
    }
    #expect(receiver.next == .message(2))
    #expect(receiver.next == .empty)
    #expect(try poller.poll().isEmpty)
    // Emptied before its event was reported.
    #expect(sender.send(3) == nil)
    #expect(receiver.next == .message(3))
    #expect(try poller.poll().isEmpty)
  }

  // C5
  @Test("is reported although the kernel failed to wake, and after a failed wake", arguments: [false, true])
  func failedWake(_ isAsked: Bool) throws {
    let kernel = SimulatedKernel()
    let poller = try kernel.makePoller()
    let (sender, receiver) = try poller.makeChannel(of: Int.self)
    let heard = Tally()
    let thread = SystemThread.spawn("waiter") {
      while heard.value < 2 {
        guard let events = try? poller.wait(atMost: 8, timeout: nil) else { return }
        if events.map(\.id) == [receiver.id] { heard.add(receiver.all().count) }
      }
    }
    for number in 0..<2 {
      Sleepers.wait(for: 1, named: "waiter")
      if isAsked {
        kernel.failWakes(1)
        #expect(throws: PollerError.self) { try poller.wake() }
      } else {
        kernel.failWakes(3)
      }
      #expect(sender.send(number) == nil)
      heard.wait(for: number + 1)
    }
    thread.join()
  }

  @Test("whose closure throws at the last message has none left, and reports the next", arguments: kernels)
  func throwsWithLast(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let (sender, receiver) = try poller.makeChannel(of: Int.self)
    for number in 0..<2 { #expect(sender.send(number) == nil) }
    var taken: [Int] = []
    #expect(throws: PollerError(.other)) {
      try receiver.receiveAll { (message) throws(PollerError) in
        taken.append(message)
        if message == 1 { throw PollerError(.other) }
      }
    }
    #expect(taken == [0, 1] && receiver.next == .empty)
    #expect(try poller.poll().isEmpty)
    #expect(sender.send(2) == nil)
    #expect(try poller.poll().map(\.id) == [receiver.id])
    #expect(receiver.next == .message(2))
  }

  @Test("without a poller can be bounded, too")
  func boundedWithoutPoller() throws {
    let (sender, receiver) = try makeChannel(of: Int.self, capacity: 1)
    #expect(sender.trySend(1) == .sent)
    #expect(sender.trySend(2) == .full(2))
    #expect(receiver.receive(timeout: .seconds(60)) == .message(1))
    #expect(throws: PollerError(.invalidArgument)) { _ = try makeChannel(of: Int.self, capacity: 0) }
  }

  @Test("is reported in its turn among hundreds of other sources, while more become ready", arguments: kernels)
  func hundreds(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let users = try (0..<300).map { _ in try poller.makeUserEvent() }
    for user in users { try user.trigger() }
    var seen: [Event.ID] = []
    while case let events = try poller.poll(atMost: 10), !events.isEmpty {
      seen += events.map(\.id)
      // Reported sources come again behind all others.
      for user in users where seen.count <= 300 && events.contains(where: { $0.id == user.id }) { try user.trigger() }
    }
    #expect(seen == users.map(\.id) + users.map(\.id))
  }

  // C2
  @Test("whose last sender is destroyed makes an event, and is disconnected once all messages are received", arguments: kernels)
  func lastSender(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    var (sender, receiver): (Sender<Int>?, Receiver<Int>) = try poller.makeChannel(of: Int.self)
    var copy = sender
    #expect(sender?.send(1) == nil)
    #expect(try poller.poll().count == 1)
    sender = nil
    #expect(try poller.poll().isEmpty, "a copy of the sender is left")
    #expect(copy?.send(2) == nil)
    copy = nil
    #expect(try poller.waitForEvents().map(\.id) == [receiver.id])
    #expect(receiver.next == .message(1))
    #expect(receiver.next == .message(2))
    #expect(try poller.waitForEvents().map(\.id) == [receiver.id])
    #expect(receiver.next == .disconnected)
    #expect(try poller.poll().isEmpty)
  }

  // C6
  @Test("whose receiver is destroyed returns messages to the sender, and makes no event", arguments: kernels)
  func receiverGone(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    var (sender, receiver): (Sender<Int>, Receiver<Int>?) = try poller.makeChannel(of: Int.self)
    var (bounded, other): (BoundedSender<Int>, Receiver<Int>?) = try poller.makeChannel(of: Int.self, capacity: 1)
    #expect(sender.send(1) == nil)
    #expect(bounded.trySend(1) == .sent)
    #expect(receiver != nil && other != nil)
    receiver = nil
    other = nil
    #expect(sender.send(2) == 2)
    #expect(bounded.trySend(2) == .disconnected(2))
    #expect(try poller.poll().isEmpty)
  }

  @Test("that is bounded says when it is full, and returns the message", arguments: kernels)
  func bounded(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let (sender, receiver) = try poller.makeChannel(of: Int.self, capacity: 2)
    #expect(sender.trySend(1) == .sent)
    #expect(sender.trySend(2) == .sent)
    #expect(sender.trySend(3) == .full(3))
    #expect(receiver.next == .message(1))
    #expect(sender.trySend(3) == .sent)
    #expect(sender.trySend(4) == .full(4))
    #expect(receiver.all() == [2, 3])
    // C4
    #expect(throws: PollerError(.invalidArgument)) { _ = try poller.makeChannel(of: Int.self, capacity: 0) }
  }

  @Test("that is full makes a sender wait for room, until a deadline or the end of the receiver")
  func waitingSenders() throws {
    let poller = try Poller()
    var (sender, receiver): (BoundedSender<Int>, Receiver<Int>?) = try poller.registrar.makeChannel(
      of: Int.self, capacity: 1)
    #expect(sender.send(0) == .sent)
    let before = Deadline.now
    #expect(sender.send(1, until: before + .milliseconds(20)) == .full(1))
    #expect(Deadline.now >= before + .milliseconds(20))
    let threads = (0..<3).map { number in
      SystemThread.spawn("sending \(number)") { [sender] in
        for count in 0..<200 { #expect(sender.send(number * 1000 + count) == .sent) }
      }
    }
    var seen: [Int] = []
    while seen.count < 601 {
      if case .message(let number)? = receiver?.receive(timeout: .seconds(60)) { seen.append(number) }
    }
    for thread in threads { thread.join() }
    for number in 0..<3 {
      #expect(seen.dropFirst().filter { $0 / 1000 == number } == (0..<200).map { number * 1000 + $0 }, "out of order")
    }
    #expect(sender.send(0) == .sent)
    let waiting = SystemThread.spawn("sending last") { [sender] in #expect(sender.send(9) == .disconnected(9)) }
    Sleepers.wait(for: 1, named: "sending last")
    receiver = nil
    waiting.join()
  }

  @Test("can be received from without a poller, with a timeout, asleep or spinning", arguments: [0, 5])
  func withoutPoller(_ spinning: Int) throws {
    var (sender, receiver): (Sender<Int>?, Receiver<Int>) = try makeChannel(of: Int.self)
    let (back, answers) = try makeChannel(of: Int.self)
    #expect(receiver.receive(timeout: .milliseconds(5)).isEmpty)
    #expect(receiver.receive(timeout: .zero).isEmpty)
    let thread = SystemThread.spawn("receiving") { [receiver] in
      while case .message(let number) = receiver.receive(spinning: .milliseconds(spinning)) { _ = back.send(number + 1) }
    }
    for number in 0..<500 {
      #expect(sender?.send(number) == nil)
      guard case .message(let answer) = answers.receive(timeout: .seconds(60), spinning: .milliseconds(spinning)) else {
        Issue.record("no answer came")
        return
      }
      #expect(answer == number + 1)
    }
    sender = nil
    thread.join()
  }

  @Test("carries noncopyable values: a socket goes to another thread and comes back")
  func sockets() throws {
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: UnixStream.self)
    let pair = try UnixStream.pair()
    let number = pair.first.fileDescriptor
    let far = pair.second
    let thread = SystemThread.spawn("worker") {
      var events = EventBuffer()
      try? poller.wait(into: &events, timeout: .seconds(60))
      receiver.receiveAll { stream in
        #expect(stream.fileDescriptor == number)
        _ = try? stream.write([42])
      }
    }
    if sender.send(pair.first) != nil { Issue.record("the socket was returned") }
    thread.join()
    var bytes: [UInt8] = []
    _ = try far.read(appendingTo: &bytes, atMost: 8)
    #expect(bytes == [42])
  }

  @Test("destroys unreceived messages with its receiver, even if their deinit sends others")
  func endOfMessages() throws {
    let poller = try Poller()
    let lives = Counted.Lives()
    do {
      var (sender, receiver): (Sender<Counted>, Receiver<Counted>?) = try poller.registrar.makeChannel(of: Counted.self)
      for _ in 0..<10 { _ = sender.send(Counted(lives) { [sender] in _ = sender.send(Counted(lives)) }) }
      #expect(receiver?.tryReceive().isMessage == true)
      #expect(lives.count.load(ordering: .relaxed) == 10, "one message was destroyed and sent another")
      receiver = nil
      #expect(lives.count.load(ordering: .relaxed) == 0)
      #expect(sender.send(Counted(lives)) != nil, "not returned")
    }
    #expect(lives.count.load(ordering: .relaxed) == 0)
  }

  @Test("keeps messages that a throwing closure did not get, ahead of later ones")
  func throwing() throws {
    struct Enough: Error {}
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    for number in 0..<5 { _ = sender.send(number) }
    var events = EventBuffer()
    try poller.wait(into: &events)
    var seen: [Int] = []
    #expect(throws: Enough.self) {
      try receiver.receiveAll { (number: Int) throws(Enough) in
        seen.append(number)
        if number == 1 {
          _ = sender.send(5)
          throw Enough()
        }
      }
    }
    try poller.wait(into: &events, timeout: .seconds(60))
    #expect(events.array == [Event(id: receiver.id, kind: .message)])
    #expect(seen == [0, 1])
    #expect(receiver.all() == [2, 3, 4, 5])
  }

  @Test("has no descriptor: a hundred thousand open none, and each is reported")
  func many() async {
    await #expect(processExitsWith: .success) {
      let poller = try Poller()
      let before = try Descriptors.count()
      let channels = try (0..<100_000).map { _ in try poller.registrar.makeChannel(of: Int.self) }
      #expect(try Descriptors.count() < before + 50)
      for (number, channel) in channels.enumerated() { #expect(channel.sender.send(number) == nil) }
      #expect(try ids(of: poller, channels.count) == Set(channels.map(\.receiver.id)))
    }
  }

  @Test("of a closed poller makes no event, and stays usable")
  func closed() throws {
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    let event = try poller.registrar.makeUserEvent()
    poller.close()
    #expect(sender.send(1) == nil)
    #expect(receiver.next == .message(1))
    #expect(throws: PollerError(.closed)) { try event.trigger() }
    #expect(throws: PollerError(.closed)) { _ = try poller.registrar.makeChannel(of: Int.self) }
    #expect(throws: PollerError(.closed)) { _ = try poller.registrar.makeUserEvent() }
  }

  @Test("sends nothing in a forked child, and changes nothing in the parent")
  func forked() async {
    await #expect(processExitsWith: .success) {
      let poller = try Poller()
      let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
      let event = try poller.registrar.makeUserEvent()
      let timer = try poller.registrar.scheduleTimer(after: .zero)
      let result = inChild(.forked) {
        if sender.send(1) != 1 { return 1 }
        if receiver.next != .empty { return 2 }
        if (try? event.trigger()) != nil { return 3 }
        if poller.registrar.cancel(timer) { return 4 }
        if (try? poller.registrar.scheduleTimer(after: .zero)) != nil { return 5 }
        return 0
      }
      #expect(result == 0)
      #expect(try ids(of: poller, 1) == [timer.id])
    }
  }

  @Test("user event is reported once for any number of triggers, and again when triggered again", arguments: kernels)
  func userEvents(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let event = try poller.makeUserEvent()
    var other: UserEvent? = try poller.makeUserEvent()
    #expect(try poller.poll().isEmpty)
    for _ in 0..<2 {
      for _ in 0..<3 { try event.trigger() }
      #expect(try poller.waitForEvents() == [Event(id: event.id, kind: .user)])
      #expect(try poller.poll().isEmpty)
    }
    try other?.trigger()
    other = nil
    #expect(try poller.poll().isEmpty, "it was destroyed before it was reported")
  }

  @Test("with many senders and many waiters loses no message and leaves none behind a busy waiter")
  func load() throws {
    let (senders, waiters, messages) = (4, 3, 20_000)
    let poller = try Poller()
    let channels = try (0..<8).map { _ in try poller.registrar.makeChannel(of: Int.self) }
    let table = Dictionary(uniqueKeysWithValues: channels.map { ($0.receiver.id, $0.receiver) })
    let sum = Tally()
    let received = Tally()
    let waiting = (0..<waiters).map { number in
      SystemThread.spawn("waiter \(number)") {
        var events = EventBuffer(capacity: number + 1)
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices {
            var count = 0
            var total = 0
            table[events[index].id]?.receiveAll { message in
              total += message
              count += 1
            }
            sum.add(total)
            received.add(count)
          }
        }
      }
    }
    let sending = (0..<senders).map { number in
      SystemThread.spawn("sender \(number)") {
        for message in 0..<messages { _ = channels[(message + number) % 8].sender.send(message) }
      }
    }
    for thread in sending { thread.join() }
    received.wait(for: senders * messages)
    poller.close()
    for thread in waiting { thread.join() }
    #expect(received.value == senders * messages)
    #expect(sum.value == senders * messages * (messages - 1) / 2)
  }

  @Test("leaves no message behind a busy waiter while another sleeps")
  func busyWaiter() throws {
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    let (other, otherReceiver) = try poller.registrar.makeChannel(of: Int.self)
    let busy = Monitor(false)
    let heard = Tally()
    let threads = (0..<2).map { number in
      SystemThread.spawn("waiter \(number)") {
        // Room for one leaves everything else behind.
        var events = EventBuffer(capacity: 1)
        while (try? poller.wait(into: &events)) != nil {
          for index in events.indices {
            heard.add(1)
            if events[index].id == receiver.id { let _: Bool = busy.wait { $0 ? true : nil } }
          }
        }
      }
    }
    Sleepers.wait(for: 2, named: "waiter")
    #expect(sender.send(1) == nil)
    #expect(other.send(1) == nil)
    // One thread is busy with the first message: the other must get the second.
    heard.wait(for: 2)
    busy.withLock { $0 = true }
    busy.notifyAll()
    withExtendedLifetime(otherReceiver) {}
    poller.close()
    for thread in threads { thread.join() }
  }
}

/// A message that counts its instances, and may run a closure at its end.
private final class Counted: Sendable {
  final class Lives: Sendable {
    let count = Atomic<Int>(0)
  }

  private let lives: Lives
  private let end: @Sendable () -> Void

  init(_ lives: Lives, end: @escaping @Sendable () -> Void = {}) {
    self.lives = lives
    self.end = end
    lives.count.wrappingAdd(1, ordering: .relaxed)
  }

  deinit {
    end()
    lives.count.wrappingSubtract(1, ordering: .relaxed)
  }
}

private func ids(of poller: Poller, _ count: Int) throws -> Set<Event.ID> {
  var events = EventBuffer(capacity: 1024)
  var heard: Set<Event.ID> = []
  while heard.count < count {
    try poller.wait(into: &events, timeout: .seconds(60))
    if events.isEmpty { return heard }
    events.forEach { heard.insert($0.id) }
  }
  return heard
}

extension Receiver where Message: Copyable {
  fileprivate enum Next: Equatable {
    case message(Int)
    case empty, disconnected
  }

  fileprivate func all() -> [Message] {
    var messages: [Message] = []
    receiveAll { messages.append($0) }
    return messages
  }
}

extension Receiver<Int> {
  fileprivate var next: Next {
    switch tryReceive() {
    case .message(let number): .message(number)
    case .empty: .empty
    case .disconnected: .disconnected
    }
  }
}

extension ReceiveOutcome {
  fileprivate var isEmpty: Bool { if case .empty = self { true } else { false } }
  fileprivate var isMessage: Bool { if case .message = self { true } else { false } }
}
