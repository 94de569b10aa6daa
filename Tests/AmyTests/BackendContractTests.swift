import Amy
import AmyTestSupport
import AmyThreads
import SystemPackage
import Testing

/// The promises of every backend: over the system's kernel by the public interface, and over a simulated one in virtual time.
@Suite("Every backend", .timeLimit(.minutes(10)))
struct BackendContractTests {
  static var kernels: [any KernelUnderTest] { [SystemKernel(), SimulatedKernel()] }

  // MARK: Registering

  @Test("refuses to register twice, and keeps the first registration unchanged", arguments: kernels)
  func registersOnce(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .once)
    #expect(throws: PollerError(.alreadyRegistered, errno: .fileExists)) {
      _ = try poller.register(pair.near, for: .writable, trigger: .level)
    }
    #expect(try poller.poll().isEmpty)
    _ = try pair.write(1, to: pair.far)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))])
  }

  @Test("refuses to reregister or deregister an unregistered source", arguments: kernels)
  func knowsWhatIsRegistered(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let unknown = PollerError(.notRegistered, errno: .noSuchFileOrDirectory)
    #expect(throws: unknown) { try poller.reregister(pair.near, as: .next(), for: .readable, trigger: .once) }
    #expect(throws: unknown) { try poller.deregister(pair.near) }
    _ = try poller.register(pair.near, for: .readable, trigger: .once)
    try poller.deregister(pair.near)
    #expect(throws: unknown) { try poller.deregister(pair.near) }
  }

  @Test("reports a shared registration by level, and refuses to change it until it is removed", arguments: kernels)
  func sharedRegistrations(_ kernel: any KernelUnderTest) throws {
    let (poller, other) = (try kernel.makePoller(), try kernel.makePoller())
    let pair = try kernel.makePair()
    let id = Event.ID.next()
    for poller in [poller, other] { try poller.registerShared(pair.near, as: id) }
    #expect(throws: PollerError(.alreadyRegistered, errno: .fileExists)) { try poller.registerShared(pair.near, as: id) }
    #expect(try poller.poll().isEmpty)
    _ = try pair.write(1, to: pair.far)
    let ready = [Event(id: id, kind: .ready(.readable))]
    for poller in [poller, other, poller] { #expect(try poller.waitForEvents() == ready) }
    // Neither all of it nor a part can be changed.
    for interest in [Interest.none, .readable] {
      for trigger in Trigger.allCases {
        #expect(throws: PollerError(.registeredAsShared, errno: .invalidArgument)) {
          try poller.reregister(pair.near, as: id, for: interest, trigger: trigger)
        }
      }
    }
    #expect(try poller.waitForEvents() == ready)
    // Deregistered, it is silent; registered again, shared or not, it is reported at once.
    try poller.deregister(pair.near)
    #expect(try poller.poll().isEmpty)
    #expect(try other.waitForEvents() == ready)
    try poller.registerShared(pair.near, as: id)
    #expect(try poller.waitForEvents() == ready)
    try poller.deregister(pair.near)
    try poller.register(pair.near, as: id, for: .writable, trigger: .once)
    try poller.reregister(pair.near, as: id, for: .readable, trigger: .once)
    #expect(try poller.waitForEvents() == ready)
    #expect(try poller.poll().isEmpty)
  }

  @Test("refuses a number that is not an open descriptor", arguments: kernels)
  func refusesClosedDescriptors(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    #expect(throws: PollerError(.badDescriptor, errno: .badFileDescriptor)) {
      _ = try poller.register(FileDescriptor(rawValue: 1_000_000_000), for: .readable, trigger: .once)
    }
  }

  @Test("registers again after deregistering, under the same reserved id", arguments: kernels)
  func registersAgain(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = Event.ID.next()
    for trigger in Trigger.allCases {
      try poller.register(pair.near, as: id, for: .writable, trigger: trigger)
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.writable))])
      try poller.deregister(pair.near)
      #expect(try poller.poll().isEmpty)
    }
  }

  @Test("reports nothing after deregistering, even if the source was ready", arguments: kernels, Trigger.allCases)
  func forgets(_ kernel: any KernelUnderTest, _ trigger: Trigger) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    _ = try poller.register(pair.near, for: .readable, trigger: trigger)
    try poller.deregister(pair.near)
    #expect(try poller.poll().isEmpty)
  }

  @Test("does not report a source that was closed while registered", arguments: kernels)
  func forgetsClosedSources(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    _ = try poller.register(pair.near, for: .readable, trigger: .level)
    try pair.close(pair.near)
    #expect(try poller.poll().isEmpty)
  }

  @Test("reregistering replaces interest, trigger and id as a whole", arguments: kernels)
  func replacesAsAWhole(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    _ = try poller.register(pair.near, for: [.readable, .writable], trigger: .level)
    let other = Event.ID.next()
    try poller.reregister(pair.near, as: other, for: .readable, trigger: .once)
    #expect(try poller.waitForEvents() == [Event(id: other, kind: .ready(.readable))])
    #expect(try poller.poll().isEmpty)
    try poller.reregister(pair.near, as: other, for: .writable, trigger: .level)
    #expect(try poller.waitForEvents() == [Event(id: other, kind: .ready(.writable))])
    #expect(try poller.waitForEvents() == [Event(id: other, kind: .ready(.writable))])
  }

  @Test("removes all of a registration, whatever its interest, and can register again", arguments: kernels, directions)
  func removesAll(_ kernel: any KernelUnderTest, _ interest: Interest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    for trigger in Trigger.allCases {
      _ = try poller.register(pair.near, for: interest, trigger: trigger)
      try poller.deregister(pair.near)
      // All happens that the registration could have reported.
      try pair.drain(pair.near)
      _ = try pair.write(1, to: pair.far)
      #expect(try poller.poll().isEmpty, "\(trigger)")
    }
    let id = try poller.register(pair.near, for: [.readable, .writable], trigger: .once)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready([.readable, .writable]))])
    #expect(try poller.poll().isEmpty)
  }

  @Test("reregistering disarms every direction that it does not request again", arguments: kernels, Trigger.allCases)
  func leavesNothingArmed(_ kernel: any KernelUnderTest, _ trigger: Trigger) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    let id = try poller.register(pair.near, for: [.readable, .writable], trigger: trigger)
    for direction: Interest in [.readable, .writable, .readable] {
      try poller.reregister(pair.near, as: id, for: direction, trigger: trigger)
      let event = Event(id: id, kind: .ready(Readiness(rawValue: direction.rawValue)))
      #expect(try poller.waitForEvents() == [event])
      #expect(try poller.poll() == (trigger == .level ? [event] : []))
    }
  }

  static let directions: [Interest] = [.none, .readable, .writable, [.readable, .writable]]

  @Test("both directions ready at once are one event, under every trigger", arguments: kernels, Trigger.allCases)
  func mergesDirections(_ kernel: any KernelUnderTest, _ trigger: Trigger) throws {
    let poller = try kernel.makePoller()
    let pairs = try (0..<10).map { _ in try kernel.makePair() }
    for pair in pairs { _ = try pair.write(1, to: pair.far) }
    let ids = try pairs.map { try poller.register($0.near, for: [.readable, .writable], trigger: trigger) }
    let events = try poller.waitForEvents()
    #expect(Set(events) == Set(ids.map { Event(id: $0, kind: .ready([.readable, .writable])) }))
    #expect(events.count == pairs.count)
  }

  @Test("registers one source with two pollers independently", arguments: kernels, Trigger.allCases)
  func sharesSources(_ kernel: any KernelUnderTest, _ trigger: Trigger) throws {
    let pair = try kernel.makePair()
    let pollers = [try kernel.makePoller(), try kernel.makePoller()]
    let ids = try pollers.map { try $0.register(pair.near, for: .readable, trigger: trigger) }
    _ = try pair.write(1, to: pair.far)
    for (poller, id) in zip(pollers, ids) {
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))])
    }
  }

  // MARK: Triggers

  @Test("once gives one event with both bits, then nothing in either direction until reregistered", arguments: kernels)
  func onceIsOnce(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    let id = try poller.register(pair.near, for: [.readable, .writable], trigger: .once)
    let both = Event(id: id, kind: .ready([.readable, .writable]))
    #expect(try poller.waitForEvents() == [both])
    _ = try pair.write(1, to: pair.far)
    try pair.drain(pair.far)
    #expect(try poller.poll().isEmpty)
    try poller.reregister(pair.near, as: id, for: [.readable, .writable], trigger: .once)
    #expect(try poller.waitForEvents() == [both])
    #expect(try poller.poll().isEmpty)
  }

  @Test("once for both directions disarms both after an event in one", arguments: kernels)
  func onceSilencesTheOtherDirection(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    try pair.fill(pair.near)
    let id = try poller.register(pair.near, for: [.readable, .writable], trigger: .once)
    #expect(try poller.poll().isEmpty)
    _ = try pair.write(1, to: pair.far)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))])
    try pair.drain(pair.far)
    #expect(try poller.poll().isEmpty)
    try poller.reregister(pair.near, as: id, for: .writable, trigger: .once)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.writable))])
  }

  @Test("a direction that becomes ready after the event of once is reported when rearmed", arguments: kernels)
  func tellsWhatCameMeanwhile(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    try pair.fill(pair.near)
    let id = try poller.register(pair.near, for: [.readable, .writable], trigger: .once)
    for _ in 0..<3 {
      _ = try pair.write(1, to: pair.far)
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))])
      try pair.drain(pair.far)
      #expect(try poller.poll().isEmpty)
      try poller.reregister(pair.near, as: id, for: [.readable, .writable], trigger: .once)
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready([.readable, .writable]))])
      try pair.drain(pair.near)
      try pair.fill(pair.near)
      try poller.reregister(pair.near, as: id, for: [.readable, .writable], trigger: .once)
      #expect(try poller.poll().isEmpty)
    }
  }

  @Test("edge gives one event though nothing is read, and another when more arrives", arguments: kernels)
  func edgeTellsOfNews(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .edge)
    #expect(try poller.poll().isEmpty)
    for _ in 0..<3 {
      _ = try pair.write(1, to: pair.far)
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))])
      #expect(try poller.poll().isEmpty)
    }
    try poller.reregister(pair.near, as: id, for: .readable, trigger: .edge)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))])
  }

  @Test("level gives an event in each wait while the source is ready", arguments: kernels)
  func levelTellsOfState(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .level)
    _ = try pair.write(2, to: pair.far)
    for left in [2, 1] {
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.readable))], "\(left) bytes left")
      _ = try pair.read(1, from: pair.near)
    }
    #expect(try poller.poll().isEmpty)
  }

  @Test("reregistering changes any trigger to any other", arguments: kernels)
  func changesTriggers(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1, to: pair.far)
    let id = try poller.register(pair.near, for: .none, trigger: .once)
    let ready = Event(id: id, kind: .ready(.readable))
    for (first, second) in Trigger.allCases.flatMap({ first in Trigger.allCases.map { (first, $0) } }) {
      for trigger in [first, second] {
        try poller.reregister(pair.near, as: id, for: .readable, trigger: trigger)
        #expect(try poller.waitForEvents() == [ready], "\(trigger) from \(first)")
        #expect(try poller.poll() == (trigger == .level ? [ready] : []), "\(trigger) from \(first)")
      }
    }
  }

  @Test("an empty interest reports nothing, not even a hang-up, until reregistered", arguments: kernels, Trigger.allCases)
  func noneIsSilent(_ kernel: any KernelUnderTest, _ trigger: Trigger) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .none, trigger: trigger)
    _ = try pair.write(1, to: pair.far)
    #expect(try poller.poll().isEmpty)
    try pair.close(pair.far)
    for _ in 0..<3 { #expect(try poller.poll().isEmpty) }
    try poller.reregister(pair.near, as: id, for: .readable, trigger: trigger)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready([.readable, .readClosed]))])
    try poller.reregister(pair.near, as: id, for: .none, trigger: trigger)
    #expect(try poller.poll().isEmpty)
  }

  // MARK: Readiness

  @Test("is writable when there is room again", arguments: kernels)
  func tellsOfRoom(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    try pair.fill(pair.near)
    let id = try poller.register(pair.near, for: .writable, trigger: .once)
    #expect(try poller.poll().isEmpty)
    try pair.drain(pair.far)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.writable))])
  }

  @Test("the end of the peer's writing is reported to a reader, and not to a writer", arguments: kernels)
  func tellsOfHalfClose(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .once)
    try pair.shutDownWriting(pair.far)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready([.readable, .readClosed]))])
    try poller.reregister(pair.near, as: id, for: .writable, trigger: .once)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(.writable))])
    try poller.reregister(pair.near, as: id, for: [.readable, .writable], trigger: .once)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready([.readable, .writable, .readClosed]))])
  }

  @Test("a hang-up is reported to a reader, to a writer, and to both at once", arguments: kernels)
  func tellsOfHangUp(_ kernel: any KernelUnderTest) throws {
    let expected: [(Interest, Readiness)] = [
      (.readable, [.readable, .readClosed]),
      (.writable, [.writable, .writeClosed]),
      ([.readable, .writable], [.readable, .writable, .readClosed, .writeClosed]),
    ]
    for (interest, readiness) in expected {
      let poller = try kernel.makePoller()
      let pair = try kernel.makePair()
      try pair.fill(pair.near)
      let id = try poller.register(pair.near, for: interest, trigger: .edge)
      #expect(try poller.poll().isEmpty)
      try pair.drain(pair.far)
      _ = try poller.poll()
      try pair.close(pair.far)
      #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready(readiness))])
    }
  }

  @Test("bytes sent before the end can still be read", arguments: kernels)
  func keepsWhatWasSent(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    _ = try pair.write(1000, to: pair.far)
    try pair.close(pair.far)
    let id = try poller.register(pair.near, for: .readable, trigger: .once)
    #expect(try poller.waitForEvents() == [Event(id: id, kind: .ready([.readable, .readClosed]))])
    #expect(try pair.drain(pair.near) == 1000)
    #expect(try pair.read(1, from: pair.near) == 0)
  }

  // MARK: Waiting

  @Test("returns at its timeout, not earlier", arguments: kernels)
  func keepsTime(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    for timeout: Duration in [.nanoseconds(1), .microseconds(100), .microseconds(3100), .milliseconds(20)] {
      let start = poller.now
      #expect(try poller.wait(atMost: 1, timeout: timeout).isEmpty)
      let elapsed = Duration.nanoseconds(Int64(poller.now - start))
      #expect(elapsed >= timeout)
    }
  }

  @Test("polls without sleeping when the timeout is zero or less", arguments: kernels)
  func polls(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    for timeout: Duration in [.zero, .seconds(-1), .seconds(Int64.min)] {
      #expect(try poller.wait(atMost: 1, timeout: timeout).isEmpty)
    }
    _ = try poller.register(pair.near, for: .writable, trigger: .level)
    for timeout: Duration in [.zero, .seconds(-1), .seconds(Int64.min)] {
      #expect(try poller.wait(atMost: 1, timeout: timeout).count == 1)
    }
  }

  @Test("waits forever when the timeout is nil or the longest possible", arguments: kernels)
  func saturates(_ kernel: any KernelUnderTest) throws {
    for timeout: Duration? in [nil, .seconds(Int64.max), .seconds(30 * 86_400), .milliseconds(4_294_967_296)] {
      if kernel.differences.takesDaysAtOnce, timeout.map({ $0 < .seconds(Int64.max) }) ?? false { continue }
      let poller = try kernel.makePoller()
      let pair = try kernel.makePair()
      let id = try poller.register(pair.near, for: .readable, trigger: .once)
      let waiter = SystemThread.spawn("waiter") { Result { try poller.wait(atMost: 1, timeout: timeout) } }
      _ = try pair.write(1, to: pair.far)
      #expect(try waiter.join().get() == [Event(id: id, kind: .ready(.readable))])
    }
  }

  @Test("takes no more than the limit, and leaves the rest for the next waits, in turn", arguments: kernels)
  func takesTurns(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pairs = try (0..<10).map { _ in try kernel.makePair() }
    let ids = try pairs.map { try poller.register($0.near, for: .writable, trigger: .level) }
    for size in [1, 3] {
      var seen: [Event.ID] = []
      for _ in 0..<(30 / size) {
        let events = try poller.waitForEvents(atMost: size)
        #expect(events.count == size)
        seen += events.map(\.id)
      }
      for id in ids { #expect(seen.filter { $0 == id }.count == 3, "each source should get its turn") }
    }
  }

  @Test("a ready source with nothing to report does not end a wait", arguments: kernels)
  func goesOnPastSilence(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let silent = try kernel.makePair()
    let loud = try kernel.makePair()
    _ = try poller.register(silent.near, for: .none, trigger: .level)
    let id = try poller.register(loud.near, for: .readable, trigger: .once)
    try silent.close(silent.far)
    _ = try loud.write(1, to: loud.far)
    // Room for one: the unrequested hang-up must not displace the event.
    #expect(try poller.poll(atMost: 1) == [Event(id: id, kind: .ready(.readable))])
  }

  @Test("a wake ends the next wait, and many wakes end only one", arguments: kernels)
  func wakesTheNextWait(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    for _ in 0..<3 {
      for _ in 0..<5 { try poller.wake() }
      #expect(try poller.wait(atMost: 8, timeout: nil).isEmpty)
      let start = poller.now
      #expect(try poller.wait(atMost: 8, timeout: .milliseconds(1)).isEmpty)
      #expect(poller.now - start >= 1_000_000, "the second wait was not woken")
    }
  }

  @Test("a woken wait returns the events that are ready", arguments: kernels)
  func wakesWithEvents(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .writable, trigger: .once)
    try poller.wake()
    #expect(try poller.wait(atMost: 8, timeout: nil) == [Event(id: id, kind: .ready(.writable))])
  }

  @Test("a wake takes no room from events, however small the buffer", arguments: kernels)
  func wakesBesidesEvents(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .once)
    try poller.wake()
    _ = try pair.write(1, to: pair.far)
    #expect(try poller.wait(atMost: 1, timeout: nil) == [Event(id: id, kind: .ready(.readable))])
  }

  @Test(
    "registering wakes no waiting thread",
    .enabled(if: DescriptorLimit.current.hard >= 256, "needs dozens of descriptors"), arguments: kernels)
  func registersQuietly(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pairs = try (0..<50).map { _ in try kernel.makePair() }
    let waiter = SystemThread.spawn("quiet") { Result { try poller.wait(atMost: 8, timeout: nil) } }
    Sleepers.wait(for: 1, named: "quiet")
    let ids = try pairs.map { try poller.register($0.near, for: .readable, trigger: .once) }
    for (pair, id) in zip(pairs, ids) { try poller.reregister(pair.near, as: id, for: .readable, trigger: .edge) }
    // A woken wait would have returned nothing.
    _ = try pairs[7].write(1, to: pairs[7].far)
    #expect(try waiter.join().get() == [Event(id: ids[7], kind: .ready(.readable))])
  }

  @Test("one of many waiters gets each edge", arguments: kernels)
  func deliversEdgesToOne(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let id = try poller.register(pair.near, for: .readable, trigger: .edge)
    let seen = Tally()
    let waiters = (0..<3).map { number in
      SystemThread.spawn("edge \(number)") { () -> Int in
        var mine = 0
        while let events = try? poller.wait(atMost: 4, timeout: nil) {
          mine += events.filter { $0.id == id }.count
          seen.add(events.count)
        }
        return mine
      }
    }
    for round in 1...100 {
      _ = try pair.write(1, to: pair.far)
      seen.wait(for: round)
    }
    poller.close()
    #expect(waiters.map { $0.join() }.reduce(0, +) == 100)
  }

  @Test("four wakes, each sent after the previous one was consumed, end four waits", arguments: kernels)
  func wakesEachWaiter(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let woken = Tally()
    let waiters = (0..<4).map { number in
      SystemThread.spawn("waiter \(number)") { () -> Result<[Event], any Error> in
        defer { woken.add(1) }
        return Result { try poller.wait(atMost: 8, timeout: nil) }
      }
    }
    for count in 1...4 {
      try poller.wake()
      woken.wait(for: count)
    }
    for waiter in waiters { #expect(try waiter.join().get().isEmpty) }
  }

  @Test(
    "one of many waiters gets each once event",
    .enabled(if: DescriptorLimit.current.hard >= 256, "needs dozens of descriptors"), arguments: kernels)
  func deliversOnceToOne(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pairs = try (0..<50).map { _ in try kernel.makePair() }
    let ids = try pairs.map { try poller.register($0.near, for: .readable, trigger: .once) }
    let seen = Tally()
    let waiters = (0..<3).map { number in
      SystemThread.spawn("waiter \(number)") { () -> [Event.ID] in
        var mine: [Event.ID] = []
        while let events = try? poller.wait(atMost: 4, timeout: nil) {
          mine += events.map(\.id)
          seen.add(events.count)
        }
        return mine
      }
    }
    for pair in pairs { _ = try pair.write(1, to: pair.far) }
    seen.wait(for: pairs.count)
    poller.close()
    let all = waiters.flatMap { $0.join() }
    #expect(all.map(\.rawValue).sorted() == ids.map(\.rawValue).sorted())
  }

  // MARK: Closing

  @Test("closing ends every current and future wait, and all registration", arguments: kernels)
  func closes(_ kernel: any KernelUnderTest) throws {
    let poller = try kernel.makePoller()
    let pair = try kernel.makePair()
    let waiters = (0..<4).map { number in
      SystemThread.spawn("closed \(number)") { Result { try poller.wait(atMost: 8, timeout: nil) } }
    }
    Sleepers.wait(for: 4, named: "closed")
    poller.close()
    poller.close()
    for waiter in waiters {
      #expect(throws: PollerError(.closed)) { try waiter.join().get() }
    }
    #expect(throws: PollerError(.closed)) { try poller.poll() }
    #expect(throws: PollerError(.closed)) { try poller.wake() }
    #expect(throws: PollerError(.closed)) { _ = try poller.register(pair.near, for: .readable, trigger: .once) }
    #expect(throws: PollerError(.closed)) {
      try poller.reregister(pair.near, as: .next(), for: .readable, trigger: .once)
    }
    #expect(throws: PollerError(.closed)) { try poller.deregister(pair.near) }
  }
}
