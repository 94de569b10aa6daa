import Amy
import AmyTestSupport

/// An operation on a poller, its registrars, or their sources.
///
/// An impossible one is skipped, or fails with an error that the model predicts: so any part of a sequence is a sequence, too.
/// Most first numbers are a place: one of a few streams, timers, channels, user events, registrations of signals, or children.
indirect enum Operation: Equatable, Sendable {
  /// Connects streams in a free place; the kernel reuses closed numbers.
  case open(Int)
  /// Registered or not.
  case close(Int)
  case hangUp(Int)
  case peerShutsDown(Int)
  case shutDown(Int)
  case arrive(Int)
  case take(Int)
  case fill(Int)
  /// The peer reads all.
  case makeRoom(Int)
  case register(Int, Interest, Trigger)
  /// Uses the same id, or a new one.
  case reregister(Int, Interest, Trigger, anew: Bool)
  case deregister(Int)

  /// Sets another timer in a place; the previous one goes on.
  case set(Int, after: UInt64, every: UInt64)
  case move(Int, after: UInt64, every: UInt64)
  case cancel(Int)
  /// Cancels the place's second-last timer.
  case cancelStale(Int)

  /// Replaces the place's channel, if any, under its id; without a capacity: unbounded.
  case openChannel(Int, capacity: Int?)
  case send(Int)
  case receive(Int)
  /// Receives all; the closure throws after the given number.
  case receiveAll(Int, throwingAfter: Int?)
  case dropSender(Int)
  case dropReceiver(Int)
  /// Replaces the place's user event, if any, under its id.
  case openUser(Int)
  case trigger(Int)
  case dropUser(Int)

  /// Registers signals, one bit each, under the place's id instead of its previous ones.
  case watchSignals(Int, Int)
  case dropSignals(Int)
  case raise(Int)
  /// It does not end by itself.
  case startChild(Int)
  /// Registers the child under the place's id instead of the previous one.
  case watchChild(Int)
  case dropChild(Int)
  case endChild(Int)
  case reapChild(Int)

  case wake
  case closePoller
  /// Does an operation while a wait sleeps.
  case later(UInt64, Operation)
  case wait(room: Int, timeout: UInt64)
  /// Waits with room for one until every one-time event is reported.
  case settle
}

extension Operation {
  static let (streams, timers, channels, users) = (3, 4, 2, 2)
  static let (signalSets, children) = (2, 2)
  static let signals: [Signals] = [.user1, .user2, .hangUp]

  static func random(_ random: inout SplitMix, later: Bool = true) -> Operation {
    let kind = random.below(100)
    let place = random.below(12)
    let (stream, timer, channel, user) = (place % streams, place % timers, place % channels, place % users)
    switch kind {
    case 0..<22 where later: return .wait(room: 1 + random.below(4), timeout: someTime(&random))
    case 0..<22: return .arrive(stream)
    case 22..<27: return .open(stream)
    case 27..<29: return .close(stream)
    case 29: return random.below(2) == 0 ? .hangUp(stream) : .peerShutsDown(stream)
    case 30: return random.below(3) == 0 ? .shutDown(stream) : .fill(stream)
    case 31..<36: return .arrive(stream)
    case 36..<39: return .take(stream)
    case 39: return .fill(stream)
    case 40..<42: return .makeRoom(stream)
    case 42..<48: return .register(stream, someInterest(&random), someTrigger(&random))
    case 48..<55: return .reregister(stream, someInterest(&random), someTrigger(&random), anew: random.below(3) == 0)
    case 55..<57: return .deregister(stream)
    case 57..<61: return .set(timer, after: someTime(&random), every: somePeriod(&random))
    case 61..<63: return .move(timer, after: someTime(&random), every: somePeriod(&random))
    case 63..<65: return random.below(3) == 0 ? .cancelStale(timer) : .cancel(timer)
    case 65..<68: return .openChannel(channel, capacity: random.below(2) == 0 ? nil : 1 + random.below(3))
    case 68..<75: return .send(channel)
    case 75..<78: return .receive(channel)
    case 78..<80: return .receiveAll(channel, throwingAfter: random.below(2) == 0 ? nil : random.below(3))
    case 80: return random.below(2) == 0 ? .dropSender(channel) : .dropReceiver(channel)
    case 81..<83: return .openUser(user)
    case 83..<86: return .trigger(user)
    case 86: return .dropUser(user)
    case 87..<89: return .wake
    case 89: return random.below(20) == 0 ? .closePoller : .settle
    default: return later ? .later(1 + someTime(&random), .random(&random, later: false)) : .arrive(stream)
    }
  }

  /// An operation for signals and children, where the clock runs by itself.
  static func randomOfProcess(_ random: inout SplitMix) -> Operation {
    let place = random.below(2)
    switch random.below(100) {
    case 0..<7: return .watchSignals(place, 1 + random.below(7))
    case 7..<10: return .dropSignals(place)
    case 10..<21: return .raise(random.below(signals.count))
    case 21..<25: return .startChild(place)
    case 25..<30: return .watchChild(place)
    case 30..<34: return .endChild(place)
    case 34..<36: return .reapChild(place)
    case 36..<38: return .dropChild(place)
    default: return .random(&random).withoutTime
    }
  }

  /// The same where the clock runs by itself: nothing repeats or is arranged.
  var withoutTime: Operation {
    switch self {
    case .set(let place, let after, _): .set(place, after: after, every: 0)
    case .move(let place, let after, _): .move(place, after: after, every: 0)
    case .later(_, let operation): operation.withoutTime
    default: self
    }
  }

  /// Zero, nanoseconds, milliseconds, seconds, hours.
  private static func someTime(_ random: inout SplitMix) -> UInt64 {
    let scale: UInt64 = [0, 1, 100, 1_000_000, 1_000_000_000, 3_600_000_000_000][random.below(6)]
    return scale * UInt64(1 + random.below(9))
  }

  private static func somePeriod(_ random: inout SplitMix) -> UInt64 {
    random.below(2) == 0 ? 0 : 4 * (1 + someTime(&random))
  }

  private static func someInterest(_ random: inout SplitMix) -> Interest {
    [.readable, .readable, .writable, [.readable, .writable], .none][random.below(5)]
  }

  private static func someTrigger(_ random: inout SplitMix) -> Trigger {
    [.once, .once, .edge, .level][random.below(4)]
  }

  /// Simpler operations, to read a sequence more easily.
  var simpler: [Operation] {
    switch self {
    case .later(let time, let operation):
      [operation] + operation.simpler.map { .later(time, $0) } + (time > 1 ? [.later(1, operation)] : [])
    case .wait(let room, let timeout):
      (timeout > 0 ? [.wait(room: room, timeout: 0)] : []) + (timeout > 10 ? [.wait(room: room, timeout: 10)] : [])
        + (room < 4 ? [.wait(room: 4, timeout: timeout)] : [])
    case .set(let place, let after, let period):
      Self.simplerTimes(after, period).map { .set(place, after: $0, every: $1) }
    case .move(let place, let after, let period):
      Self.simplerTimes(after, period).map { .move(place, after: $0, every: $1) }
    case .register(let place, let interest, let trigger):
      (interest == .readable ? [] : [.register(place, .readable, trigger)])
        + (trigger == .once ? [] : [.register(place, interest, .once)])
    case .reregister(let place, let interest, let trigger, let anew):
      (anew ? [.reregister(place, interest, trigger, anew: false)] : [])
        + (interest == .readable ? [] : [.reregister(place, .readable, trigger, anew: anew)])
        + (trigger == .once ? [] : [.reregister(place, interest, .once, anew: anew)])
    case .receiveAll(let place, .some): [.receiveAll(place, throwingAfter: nil)]
    case .openChannel(let place, .some): [.openChannel(place, capacity: nil)]
    case .settle: [.wait(room: 4, timeout: 0)]
    default: []
    }
  }

  private static func simplerTimes(_ after: UInt64, _ period: UInt64) -> [(UInt64, UInt64)] {
    var simpler: [(UInt64, UInt64)] = []
    if period > 0 { simpler.append((after, 0)) }
    if after > 0 { simpler.append((0, period)) }
    if after > 10 { simpler.append((10, period)) }
    if period > 12 { simpler.append((after, 12)) }
    return simpler
  }
}

extension Operation {
  /// Swift code to paste into ``ModelTests``.
  var swift: String {
    switch self {
    case .register(let place, let interest, let trigger): ".register(\(place), \(swift(interest)), .\(trigger))"
    case .reregister(let place, let interest, let trigger, let anew):
      ".reregister(\(place), \(swift(interest)), .\(trigger), anew: \(anew))"
    case .openChannel(let place, let capacity): ".openChannel(\(place), capacity: \(swift(capacity)))"
    case .receiveAll(let place, let count): ".receiveAll(\(place), throwingAfter: \(swift(count)))"
    case .later(let time, let operation): ".later(\(time), \(operation.swift))"
    default: ".\(self)"
    }
  }

  private func swift(_ interest: Interest) -> String {
    interest.description.replacing("readable", with: ".readable").replacing("writable", with: ".writable")
  }

  private func swift(_ number: Int?) -> String { number.map { "\($0)" } ?? "nil" }
}
