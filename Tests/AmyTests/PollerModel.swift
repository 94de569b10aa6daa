import Amy

/// A poller's promises, as simply as possible: lists, and no kernel, locks or wheels.
///
/// It knows which events are due: `once` until reported, `level` as long as the stream is ready, `edge` if something changed
/// since the last report.
struct PollerModel {
  struct Stream {
    var isOpen = false
    var hasBytes = false
    var isFull = false
    var isShut = false
    var peer = Peer.open
    var watch: (id: Event.ID, interest: Interest, trigger: Trigger)?
    /// Armed, for `once`; changed, for `edge`: both directions or none, unless the kernel reports each on its own.
    var news: Interest = .none

    enum Peer { case open, shut, closed }
  }

  struct Channel {
    var id: Event.ID
    var capacity: Int?
    var messages: [Int] = []
    var hasSender = true
    var hasReceiver = true
    var isPosted = false
  }

  struct Child {
    let number: Int
    var hasEnded = false
  }

  struct Watched {
    let id: Event.ID
    var child: Child
    var isNews = true
  }

  enum Wake { case none, maybe, pending }

  var now: UInt64
  private let hearsAll: Bool
  /// Whether the kernel has a filter per direction.
  private let hasFilters: Bool
  var isClosed = false
  var wake = Wake.none
  var streams = [Stream](repeating: Stream(), count: Operation.streams)
  /// In the order in which they were set.
  var timers: [(id: Event.ID, deadline: UInt64, period: UInt64)] = []
  /// All ever set in a place.
  var timersSet = [[Event.ID]](repeating: [], count: Operation.timers)
  var channels = [Channel?](repeating: nil, count: Operation.channels)
  var users = [(id: Event.ID, isPosted: Bool)?](repeating: nil, count: Operation.users)
  var signalSets = [(id: Event.ID, signals: Signals)?](repeating: nil, count: Operation.signalSets)
  /// Sent but not taken: two of the same merge.
  var pending: Signals = []
  var children = [Child?](repeating: nil, count: Operation.children)
  var watched = [Watched?](repeating: nil, count: Operation.children)
  private var started = 0
  private var sent = 0

  // hearsAll: any change of a stream is new to `edge`, as in the simulated kernel. hasFilters: each direction changes on its
  // own, and a stream is notified of shutting down its own writing.
  init(now: UInt64, hearsAll: Bool, hasFilters: Bool) {
    (self.now, self.hearsAll, self.hasFilters) = (now, hearsAll, hasFilters)
  }
}

extension PollerModel {
  /// Returns when a wait ends or a timer is due: never the last of four nanoseconds, reserved for arranged operations, so that
  /// none coincides.
  static func deadline(_ now: UInt64, after duration: UInt64) -> UInt64 {
    let time = now + duration
    return time & 3 == 3 ? time + 1 : time
  }

  var due: [Event] {
    streams.compactMap(event(of:)) + posted + arrived + dueTimers.map { Event(id: $0.id, kind: .timer(expirations: $0.count)) }
  }

  func event(of stream: Stream) -> Event? {
    guard let watch = stream.watch, watch.trigger == .level || stream.news != .none else { return nil }
    let isApart = hasFilters && watch.trigger == .edge
    let readiness = readiness(of: stream, isApart ? watch.interest.intersection(stream.news) : watch.interest)
    return readiness.isEmpty ? nil : Event(id: watch.id, kind: .ready(readiness))
  }

  private var posted: [Event] {
    channels.compactMap { $0 }.filter(\.isPosted).map { Event(id: $0.id, kind: .message) }
      + users.compactMap { $0 }.filter(\.isPosted).map { Event(id: $0.id, kind: .user) }
  }

  /// Signals, and children's ends.
  private var arrived: [Event] {
    let signals = signalSets.compactMap { $0 }.flatMap { set in
      Operation.signals.filter { pending.contains($0) && set.signals.contains($0) }
        .map { Event(id: set.id, kind: .signal(number: $0.number)) }
    }
    return signals
      + watched.compactMap { $0 }.filter { $0.isNews && $0.child.hasEnded }.map { Event(id: $0.id, kind: .process) }
  }

  /// By deadline, and equal ones in the order in which they were set.
  var dueTimers: [(id: Event.ID, count: UInt32)] {
    let due = timers.filter { $0.deadline <= now }
    let sorted = due.indices.sorted { (due[$0].deadline, $0) < (due[$1].deadline, $1) }.map { due[$0] }
    return sorted.map { ($0.id, $0.period == 0 ? 1 : UInt32(clamping: (now - $0.deadline) / $0.period + 1)) }
  }

  mutating func tell(_ event: Event) {
    let id = event.id
    if case .signal(let number) = event.kind { pending.remove(Signals(number: number)) }
    for index in watched.indices where watched[index]?.id == id { watched[index]?.isNews = false }
    for index in streams.indices where streams[index].watch?.id == id {
      let isApart = hasFilters && streams[index].watch?.trigger == .edge
      streams[index].news.subtract(isApart ? Interest(rawValue: event.readiness.rawValue) : .both)
    }
    for index in channels.indices where channels[index]?.id == id { channels[index]?.isPosted = false }
    for index in users.indices where users[index]?.id == id { users[index]?.isPosted = false }
    if let index = timers.firstIndex(where: { $0.id == id }) {
      var timer = timers.remove(at: index)
      if timer.period == 0 { return }
      while timer.deadline <= now { timer.deadline += timer.period * max(1, (now - timer.deadline) / timer.period) }
      timers.append(timer)
    }
  }
}

extension Interest {
  static var both: Interest { [.readable, .writable] }
}

extension PollerModel {
  func readiness(of stream: Stream, _ interest: Interest) -> Readiness {
    stream.readiness(interest, tellsOwnEnd: hasFilters)
  }
}

extension PollerModel.Stream {
  fileprivate func readiness(_ interest: Interest, tellsOwnEnd: Bool) -> Readiness {
    let isHangUp = peer == .closed || isShut && (peer == .shut || tellsOwnEnd)
    var readiness: Readiness = []
    if interest.contains(.readable), hasBytes || peer != .open { readiness.insert(.readable) }
    if interest.contains(.readable), peer != .open { readiness.insert(.readClosed) }
    if interest.contains(.writable), !isFull || isHangUp { readiness.insert(.writable) }
    if interest.contains(.writable), isHangUp { readiness.insert(.writeClosed) }
    return readiness
  }

  /// Makes a change, which is new to `edge`, not to `once`.
  ///
  /// A kernel may not report it outside the interest.
  fileprivate mutating func change(_ directions: Interest, apart isApart: Bool = false, _ body: (inout Self) -> Void) {
    body(&self)
    guard let watch, watch.trigger == .edge else { return }
    if isApart {
      news.formUnion(directions)
    } else if directions == .both || !directions.isDisjoint(with: watch.interest) {
      news = .both
    }
  }
}

// An operation's effect and outcome; the caller provides new sources' ids.
extension PollerModel {
  mutating func apply(_ operation: Operation, id: Event.ID?) -> Outcome {
    switch operation {
    case .open(let s) where !streams[s].isOpen: streams[s] = Stream(isOpen: true)
    case .close(let s) where streams[s].isOpen: streams[s] = Stream()
    case .hangUp(let s) where streams[s].isOpen && streams[s].peer != .closed:
      streams[s].change(.both, apart: hasFilters) { $0.peer = .closed }
    case .peerShutsDown(let s) where streams[s].isOpen && streams[s].peer == .open:
      streams[s].change(hasFilters ? .readable : .both, apart: hasFilters) { $0.peer = .shut }
    case .shutDown(let s) where streams[s].isOpen && !streams[s].isShut:
      streams[s].change(hasFilters ? .writable : .both, apart: hasFilters) { $0.isShut = true }
    case .arrive(let s) where streams[s].isOpen && streams[s].peer == .open:
      streams[s].change(hearsAll ? .both : .readable, apart: hasFilters) { $0.hasBytes = true }
    case .take(let s) where streams[s].isOpen: streams[s].hasBytes = false
    case .fill(let s) where streams[s].isOpen && streams[s].peer != .closed && !streams[s].isShut: streams[s].isFull = true
    case .makeRoom(let s) where streams[s].isOpen && streams[s].peer != .closed && streams[s].isFull:
      streams[s].change(hearsAll ? .both : .writable, apart: hasFilters) { $0.isFull = false }

    case .register(let s, _, _) where streams[s].isOpen, .reregister(let s, _, _, _) where streams[s].isOpen,
      .deregister(let s) where streams[s].isOpen:
      if isClosed { return .failed(.closed) }
      if case .register(_, let interest, let trigger) = operation {
        if streams[s].watch != nil { return .failed(.alreadyRegistered) }
        streams[s].watch = id.map { ($0, interest, trigger) }
      } else if streams[s].watch == nil {
        return .failed(.notRegistered)
      } else if case .reregister(_, let interest, let trigger, _) = operation {
        streams[s].watch = (id ?? streams[s].watch?.id).map { ($0, interest, trigger) }
      } else {
        streams[s].watch = nil
      }
      streams[s].news = .both

    case .set(let t, let after, let period):
      if isClosed { return .failed(.closed) }
      guard let id else { return .skipped }
      timersSet[t].append(id)
      timers.append((id, Self.deadline(now, after: after), period))
    case .move(let t, let after, let period):
      guard let id = timersSet[t].last else { return .skipped }
      if isClosed { return .failed(.closed) }
      guard let index = timers.firstIndex(where: { $0.id == id }) else { return .flag(false) }
      timers.remove(at: index)
      timers.append((id, Self.deadline(now, after: after), period))
      return .flag(true)
    case .cancel(let t), .cancelStale(let t):
      let ids = operation == .cancel(t) ? timersSet[t][...] : timersSet[t].dropLast()
      guard let id = ids.last else { return .skipped }
      guard let index = timers.firstIndex(where: { $0.id == id }) else { return .flag(false) }
      timers.remove(at: index)
      return .flag(true)

    case .openChannel(let c, let capacity):
      if isClosed { return .failed(.closed) }
      channels[c] = id.map { Channel(id: $0, capacity: capacity) }
    case .send(let c) where channels[c]?.hasSender == true:
      sent += 1
      guard let channel = channels[c], channel.hasReceiver else { return .returned(sent) }
      if let capacity = channel.capacity, channel.messages.count >= capacity { return .full(sent) }
      if channel.messages.isEmpty { channels[c]?.isPosted = true }
      channels[c]?.messages.append(sent)
    case .receive(let c) where channels[c]?.hasReceiver == true: return channels[c]?.receive() ?? .skipped
    case .receiveAll(let c, let limit) where channels[c]?.hasReceiver == true: return channels[c]?.receiveAll(limit) ?? .skipped
    case .dropSender(let c) where channels[c]?.hasSender == true:
      channels[c]?.hasSender = false
      let isHeard = channels[c]?.hasReceiver == true
      channels[c]?.isPosted = isHeard
    case .dropReceiver(let c) where channels[c]?.hasReceiver == true:
      channels[c]?.hasReceiver = false
      channels[c]?.isPosted = false
    case .openUser(let u):
      if isClosed { return .failed(.closed) }
      users[u] = id.map { ($0, false) }
    case .trigger(let u) where users[u] != nil:
      if isClosed { return .failed(.closed) }
      users[u]?.isPosted = true
    case .dropUser(let u) where users[u] != nil: users[u] = nil

    case .watchSignals, .dropSignals, .raise, .startChild, .watchChild, .dropChild, .endChild, .reapChild:
      return applyToProcess(operation, id: id)

    case .wake:
      if isClosed { return .failed(.closed) }
      wake = .pending
    case .closePoller: isClosed = true
    default: return .skipped
    }
    return .done
  }
}

extension PollerModel {
  private mutating func applyToProcess(_ operation: Operation, id: Event.ID?) -> Outcome {
    switch operation {
    case .watchSignals(let s, let bits):
      let signals = Operation.signals(bits)
      if isClosed { return .failed(.closed) }
      let others = signalSets.indices.filter { $0 != s }.compactMap { signalSets[$0]?.signals }
      if others.contains(where: { !$0.isDisjoint(with: signals) }) { return .failed(.alreadyRegistered) }
      signalSets[s] = id.map { ($0, signals) }
    case .dropSignals(let s) where signalSets[s] != nil: signalSets[s] = nil
    case .raise(let number): pending.insert(Operation.signals[number])
    case .startChild(let c) where children[c] == nil:
      started += 1
      children[c] = Child(number: started)
    case .watchChild(let c):
      guard let child = children[c] else { return .skipped }
      if isClosed { return .failed(.closed) }
      watched[c] = id.map { Watched(id: $0, child: child) }
    case .dropChild(let c) where watched[c] != nil: watched[c] = nil
    case .endChild(let c) where children[c]?.hasEnded == false:
      children[c]?.hasEnded = true
      if watched[c]?.child.number == children[c]?.number { watched[c]?.child.hasEnded = true }
    case .reapChild(let c) where children[c]?.hasEnded == true: children[c] = nil
    default: return .skipped
    }
    return .done
  }
}

extension Operation {
  static func signals(_ bits: Int) -> Signals {
    signals.indices.filter { bits >> $0 & 1 == 1 }.reduce(into: []) { $0.formUnion(signals[$1]) }
  }
}

extension Signals {
  /// The number of a set's only signal.
  var number: Int32 { Int32(rawValue.trailingZeroBitCount) + 1 }
}

extension PollerModel.Channel {
  fileprivate mutating func receive() -> Outcome {
    if messages.isEmpty {
      if hasSender { return .empty }
      isPosted = false
      return .disconnected
    }
    let message = messages.removeFirst()
    isPosted = !messages.isEmpty || !hasSender
    return .took([message])
  }

  /// Receives like `receiveAll`: the outcome's flag says whether senders are left; it is missing if the closure threw.
  fileprivate mutating func receiveAll(_ limit: Int?) -> Outcome {
    isPosted = false
    // The closure consumes the message at which it throws.
    let isCut = limit.map { $0 < messages.count } ?? false
    let taken = isCut ? Array(messages.prefix((limit ?? 0) + 1)) : messages
    messages.removeFirst(taken.count)
    if isCut { isPosted = !messages.isEmpty }
    return isCut ? .took(taken) : .tookAll(taken, more: hasSender)
  }
}

enum Outcome: Equatable {
  case skipped, done, empty, disconnected
  case failed(PollerError.Code)
  case flag(Bool)
  case returned(Int)
  case full(Int)
  case took([Int])
  case tookAll([Int], more: Bool)
}
