import Amy
import AmySockets
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import Foundation
import Synchronization
import SystemPackage
import Testing

/// A handle at another poller, and after its own is destroyed.
@Suite("A handle", .timeLimit(.minutes(10)))
struct HandleTests {
  static var kernels: [any KernelUnderTest] { BackendContractTests.kernels }

  @Test("of a timer does nothing to the timers of another poller, even under the same id", arguments: kernels, [true, false])
  func timersOfTwoPollers(_ kernel: any KernelUnderTest, _ sharesIDs: Bool) throws {
    let (one, other) = (try kernel.makePoller(), try kernel.makePoller())
    // In the same order, so that the pollers' counters are equal.
    let ids = (0..<4).map { _ in Event.ID.next() }
    let otherIDs = sharesIDs ? ids : ids.map { _ in Event.ID.next() }
    let due = max(one.now, other.now) + 1_000_000
    let timers = try ids.map { try one.schedule($0, at: due, every: 0) }
    let otherTimers = try otherIDs.map { try other.schedule($0, at: due, every: 0) }
    // A failing expectation prints all its parts: the poller stays outside, because its parts cannot be copied.
    for timer in timers {
      let isCancelled = other.cancel(timer)
      #expect(!isCancelled)
      #expect(throws: PollerError(.invalidArgument)) { _ = try other.move(timer, to: .max, every: 0) }
    }
    let (told, otherTold) = (try collect(4, from: one), try collect(4, from: other))
    #expect(Set(otherTold) == Set(otherIDs), "a timer was cancelled or moved")
    #expect(Set(told) == Set(ids))
    for timer in otherTimers {
      let isCancelled = one.cancel(timer)
      #expect(!isCancelled, "it has fired, and never belonged to this poller")
    }
  }

  @Test("of any kind affects nothing of another poller")
  func twoPollers() throws {
    let (one, other) = (try Poller(), try Poller())
    let mine = try Sources(one.registrar)
    let theirs = try Sources(other.registrar)
    // Passes the other poller's handles to every call that takes one.
    var timer = mine.timer
    let ids = (mine: mine.ids, theirs: theirs.ids)
    let isCancelled = other.registrar.cancel(timer)
    #expect(!isCancelled)
    #expect(throws: PollerError(.invalidArgument)) { try other.registrar.reschedule(&timer, after: .zero) }
    #expect(throws: PollerError(.invalidArgument)) { try other.registrar.reschedule(&timer, at: .now) }
    let isSame = timer == mine.timer
    #expect(isSame)
    #expect(throws: PollerError(.notRegistered, errno: .noSuchFileOrDirectory)) {
      try other.registrar.reregister(mine.registration.source, as: mine.registration.id, for: .writable, trigger: .once)
    }
    #expect(throws: PollerError(.notRegistered, errno: .noSuchFileOrDirectory)) {
      try other.registrar.deregister(mine.registration.source)
    }
    // A reserved id is still unused, and valid for the other poller.
    let id = one.registrar.reserveID()
    let extra = try other.registrar.scheduleTimer(after: .zero, as: id)
    let isExtraCancelled = one.registrar.cancel(extra)
    #expect(!isExtraCancelled)
    try mine.makeNews()
    let (told, otherTold) = (try collect(ids.mine.count, from: one), try collect(1, from: other))
    #expect(Set(told) == ids.mine && otherTold == [id])
    try theirs.makeNews()
    let theirsTold = try collect(ids.theirs.count, from: other)
    #expect(Set(theirsTold) == ids.theirs)
    let areCancelled = (other.registrar.cancel(theirs.timer), one.registrar.cancel(mine.timer))
    #expect(areCancelled == (true, true), "both should have been pending until now")
    let rest = try collect(0, from: one) + collect(0, from: other)
    #expect(rest.isEmpty)
  }

  @Test("with a custom id names any kind of source, and comes back unchanged", arguments: kernels)
  func customIDs(_ kernel: any KernelUnderTest) throws {
    let (poller, other) = (try kernel.makePoller(), try kernel.makePoller())
    let ids = try [0, 5 << 24 | 3, 1 << 59 - 1].map { (number: UInt64) in try #require(Event.ID(customNumber: number)) }
    let pair = try kernel.makePair()
    for id in ids {
      // Two pollers may have the same id: the caller decides.
      for poller in [poller, other] { _ = try poller.schedule(id, at: 0, every: 0) }
      try poller.register(pair.near, as: id, for: .writable, trigger: .once)
      #expect(try collect(2, from: poller) == [id, id])
      #expect(try collect(1, from: other) == [id])
      try poller.deregister(pair.near)
    }
    let mine = try Poller()
    let (sender, receiver) = try mine.registrar.makeChannel(of: Int.self, as: ids[1])
    let user = try mine.registrar.makeUserEvent(as: ids[2])
    #expect(sender.send(1) == nil)
    try user.trigger()
    #expect(try collect(2, from: mine).compactMap(\.customNumber) == [5 << 24 | 3, 1 << 59 - 1])
    #expect(receiver.id == ids[1])
  }

  @Test("that outlives poller and registrars keeps no descriptor open", arguments: Kept.allCases)
  func kept(_ kept: Kept) async {
    await #expect(processExitsWith: .success) { [kept] in
      // Dispatch opens descriptors for its first timer, which may be the test runner's.
      try await Task.sleep(for: .milliseconds(20))
      for isWatched in [false, true] {
        for isClosed in [false, true] {
          let before = try Descriptors.fewest()
          let handles = try kept.handles(isWatched, isClosed)
          // The double of kqueue(2) notices a closed queue when the next one is made.
          _ = try Poller()
          let after = try Descriptors.fewest(downTo: before)
          #expect(after <= before, "\(kept), embedded: \(isWatched), closed: \(isClosed)")
          try handles.useAfterTheEnd()
        }
      }
    }
  }

  @Test("used while its poller is destroyed writes to no foreign descriptor")
  func usedWhilePollerGoes() async {
    await #expect(processExitsWith: .success) {
      for _ in 0..<100 { try endWhileOthersRing() }
    }
  }
}

enum Kept: String, CaseIterable, Codable, Sendable {
  case sender, boundedSender, receiver, userEvent, all, allWithNews

  struct Handles {
    var sender: Sender<Int>?
    var bounded: BoundedSender<Int>?
    var receivers: [Receiver<Int>] = []
    var user: UserEvent?

    func useAfterTheEnd() throws {
      if let sender { #expect(sender.send(2) == (receivers.isEmpty ? 2 : nil)) }
      if let bounded { #expect(bounded.trySend(2) == (receivers.isEmpty ? .disconnected(2) : .sent)) }
      for receiver in receivers {
        let outcome = receiver.receive(timeout: .zero)
        #expect(outcome != .empty)
      }
      if let user { #expect(throws: PollerError(.closed)) { try user.trigger() } }
    }
  }

  func handles(_ isWatched: Bool, _ isClosed: Bool) throws -> Handles {
    let poller = try Poller(isEmbedded: isWatched)
    let registrar = poller.registrar
    let channel = try registrar.makeChannel(of: Int.self)
    let bounded = try registrar.makeChannel(of: Int.self, capacity: 8)
    let user = try registrar.makeUserEvent()
    _ = try registrar.scheduleTimer(after: .seconds(60))
    var events = EventBuffer()
    for isTold in [true, self == .allWithNews] where isTold {
      #expect(channel.sender.send(1) == nil && bounded.sender.trySend(1) == .sent)
      try user.trigger()
      if self != .allWithNews {
        try poller.wait(into: &events)
        #expect(events.count == 3)
      }
    }
    if isClosed { poller.close() }
    return switch self {
    case .sender: Handles(sender: channel.sender)
    case .boundedSender: Handles(bounded: bounded.sender)
    case .receiver: Handles(receivers: [channel.receiver, bounded.receiver])
    case .userEvent: Handles(user: user)
    case .all, .allWithNews:
      Handles(
        sender: channel.sender, bounded: bounded.sender, receivers: [channel.receiver, bounded.receiver], user: user)
    }
  }
}

/// A source of every kind, and a poller.
private final class Sources {
  let registration: Registration<UnixStream>
  let timer: ScheduledTimer
  var dueTimer: TimerRegistration
  let (sender, receiver): (Sender<Int>, Receiver<Int>)
  let (bounded, boundedReceiver): (BoundedSender<Int>, Receiver<Int>)
  let user: UserEvent

  init(_ registrar: Registrar) throws {
    registration = try Registration(try nearEnd(), with: registrar, for: .none)
    timer = try registrar.scheduleTimer(after: .seconds(3600))
    dueTimer = TimerRegistration(with: registrar)
    (sender, receiver) = try registrar.makeChannel(of: Int.self)
    (bounded, boundedReceiver) = try registrar.makeChannel(of: Int.self, capacity: 1)
    user = try registrar.makeUserEvent()
  }

  var ids: Set<Event.ID> { [registration.id, dueTimer.id, receiver.id, boundedReceiver.id, user.id] }

  func makeNews() throws {
    // The peer is closed.
    try registration.arm(for: .readable)
    try dueTimer.schedule(after: .zero)
    _ = sender.send(1)
    _ = bounded.trySend(1)
    try user.trigger()
  }
}

/// Returns that many ids from events, in order, and checks that no more come.
private func collect(_ count: Int, from poller: Poller) throws -> [Event.ID] {
  try collect(count) { limit in
    var events = EventBuffer(capacity: 16)
    try poller.wait(into: &events, timeout: limit)
    return events.array
  }
}

private func collect(_ count: Int, from poller: any PollerUnderTest) throws -> [Event.ID] {
  try collect(count) { try poller.wait(atMost: 16, timeout: $0) }
}

private func collect(_ count: Int, _ wait: (Duration) throws -> [Event]) throws -> [Event.ID] {
  var ids: [Event.ID] = []
  while ids.count < count, case let events = try wait(.seconds(60)), !events.isEmpty { ids += events.map(\.id) }
  return try ids + wait(.zero).map(\.id)
}

/// Destroys a poller while threads signal its waker: the new owner of its reused numbers must get nothing.
private func endWhileOthersRing() throws {
  let isOver = Flag()
  let threads = try ringing(until: isOver)
  // The poller is destroyed by now, or with the last call inside it.
  var pipes: [(readEnd: FileDescriptor, writeEnd: FileDescriptor)] = []
  for _ in 0..<8 { pipes.append(try FileDescriptor.pipe()) }
  for _ in 0..<10 { sched_yield() }
  isOver.set()
  for thread in threads { thread.join() }
  for pipe in pipes {
    #expect(!amy_test_is_readable(pipe.readEnd.rawValue), "a foreign descriptor was written to")
    try pipe.readEnd.close()
    try pipe.writeEnd.close()
  }
}

/// Makes a poller, and threads that signal its waker without keeping it alive.
private func ringing(until isOver: Flag) throws -> [SystemThread<Void, Never>] {
  let poller = try Poller(isEmbedded: true)
  let user = try poller.registrar.makeUserEvent()
  let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
  let areReady = Tally()
  let threads = [
    SystemThread.spawn("trigger") {
      areReady.add(1)
      while !isOver.isSet { try? user.trigger() }
    },
    SystemThread.spawn("send") {
      areReady.add(1)
      while !isOver.isSet {
        _ = sender.send(1)
        _ = receiver.tryReceive()
      }
    },
  ]
  areReady.wait(for: 2)
  return withExtendedLifetime(poller) { threads }
}
