import Amy
import AmyTestSupport
import AmyThreads
import Foundation

/// Runs operations on a poller and on the model, and finds differences.
///
/// Over the simulated kernel time passes, and things happen while a wait sleeps. Over the system's, the model's time stands
/// still: timers are due or far away, and a wait with nothing to report does not sleep.
final class ModelRun: @unchecked Sendable {
  /// A result that the model does not allow.
  struct Violation: Error, CustomStringConvertible {
    let description: String
  }

  // For one thread: arranged operations also run on it, inside its waits.
  private let kernel: any KernelUnderTest
  private let simulated: SimulatedKernel?
  private let isWatched: Bool
  private let poller: any PollerUnderTest
  private var model: PollerModel

  private var pairs = [(any StreamPair)?](repeating: nil, count: Operation.streams)
  private var watches = [Event.ID?](repeating: nil, count: Operation.streams)
  private var timers = [[ScheduledTimer]](repeating: [], count: Operation.timers)
  private var channels = [Line?](repeating: nil, count: Operation.channels)
  private var users = [UserEvent?](repeating: nil, count: Operation.users)
  private var signalSets = (0..<Operation.signalSets).map { _ in Place(id: .next()) }
  private var children = [(process: ChildProcess, hasEnded: Bool)?](repeating: nil, count: Operation.children)
  private var watched = (0..<Operation.children).map { _ in Place(id: .next()) }
  private var sent = 0
  /// In time order, and the outcomes of those that ran during a wait.
  private var arranged: [(time: UInt64, operation: Operation)] = []
  private var happened: [(outcome: Outcome, id: Event.ID?)] = []

  private var ends = [Ends](repeating: Ends(), count: Operation.streams)

  /// The operations done to a pair's two ends.
  private struct Ends {
    var near = false
    var far = false
    var isShut = false
    var isFarShut = false
    var isFull = false
  }

  private struct Place {
    let id: Event.ID
    var owner: AnyObject?
  }

  private struct Line {
    var unbounded: Sender<Int>?
    var bounded: BoundedSender<Int>?
    var receiver: Receiver<Int>?
  }

  // A watched poller's descriptor must be readable whenever something is due.
  init(_ kernel: any KernelUnderTest, isWatched: Bool) throws {
    self.kernel = kernel
    self.isWatched = isWatched
    simulated = kernel as? SimulatedKernel
    poller = try kernel.makePoller(isEmbedded: isWatched)
    model = PollerModel(
      now: simulated == nil ? 10 : poller.now, hearsAll: simulated != nil, hasFilters: kernel.differences.tellsOwnEnd)
    // A wait that would sleep forever wakes far from all else.
    simulated?.after(.seconds(1 << 33)) { [poller] in try poller.wake() }
  }

  /// Runs operations on poller and model, and throws where they differ.
  static func run(_ operations: [Operation], over kernel: any KernelUnderTest, isWatched: Bool) throws {
    let run = try ModelRun(kernel, isWatched: isWatched)
    // Arranged operations refer to the run.
    defer { run.forgetAll() }
    for operation in operations { try run.perform(operation) }
  }

  private func forgetAll() {
    simulated?.forgetArranged()
    pairs = []
    channels = []
    users = []
    for child in children.compactMap({ $0?.process }) {
      child.kill()
      child.reap()
    }
    watched = []
    signalSets = []
    // Signals sent but not taken must not reach the next run.
    for signals in Operation.signals where signals.areBlocked { ProcessProbe.forget(signals.number) }
  }

  private func perform(_ operation: Operation) throws {
    switch operation {
    case .wait(let room, let timeout):
      try wait(room, timeout)
    case .settle:
      try settle()
    case .later(let time, let operation):
      if simulated != nil { arrange(operation, after: time) }
    default:
      let (outcome, id) = try act(operation)
      let expected = model.apply(operation, id: id)
      if outcome != expected { throw Violation(description: "\(operation.swift) is \(outcome), expected \(expected)") }
    }
    if isWatched, !model.isClosed, !model.due.isEmpty, !poller.isReadable {
      throw Violation(description: "\(model.due) is due, but the poller's descriptor is not readable")
    }
  }
}

// MARK: - Waiting

extension ModelRun {
  private func wait(_ room: Int, _ timeout: UInt64) throws {
    // An endless wait ends if something is due. Do not ask the system's kernel to sleep elsewhere.
    let isDue = model.isClosed || !model.due.isEmpty || model.wake == .pending
    let deadline = timeout == 0 || simulated == nil ? model.now : PollerModel.deadline(model.now, after: timeout)
    var limit: Duration? = .nanoseconds(Int64(deadline - model.now))
    if isDue, timeout > 0 { limit = simulated == nil ? .milliseconds(2) : nil }
    let start = model.now
    happened = []
    let events: [Event]
    do throws(PollerError) {
      events = try poller.wait(atMost: room, timeout: limit)
    } catch {
      try passTime(until: deadline)
      if model.isClosed, error.code == .closed { return }
      throw Violation(description: "a wait threw \(error)")
    }
    let wasMaybe = model.wake == .maybe && events.isEmpty && poller.now == start
    if !wasMaybe { try passTime(until: deadline) }
    if model.isClosed { throw Violation(description: "a wait on a closed poller returned \(events)") }
    if simulated != nil, poller.now != model.now {
      throw Violation(description: "a wait returned \(signed(poller.now, model.now)) ns off, with \(events)")
    }
    try compare(events, room)
    model.wake = model.wake == .none || events.isEmpty ? .none : .maybe
  }

  /// Advances the model's time until something is due or to the deadline.
  private func passTime(until deadline: UInt64) throws {
    var outcomes = happened[...]
    while !model.isClosed, model.due.isEmpty, model.wake != .pending {
      let end = min(deadline, model.timers.map(\.deadline).min() ?? .max)
      if let next = arranged.first, next.time <= end, model.now < deadline {
        arranged.removeFirst()
        model.now = next.time
        guard let result = outcomes.popFirst() else {
          throw Violation(description: "a wait returned before \(next.operation.swift)")
        }
        let expected = model.apply(next.operation, id: result.id)
        if result.outcome != expected {
          throw Violation(description: "\(next.operation.swift) in a wait is \(result.outcome), expected \(expected)")
        }
      } else {
        model.now = max(model.now, end)
        break
      }
    }
    if !outcomes.isEmpty { throw Violation(description: "a wait went on past its end") }
  }

  private func compare(_ events: [Event], _ room: Int) throws {
    let due = model.due
    let stranger = events.first { event in !due.contains(event) && !isAllowed(event) }
    if let stranger { throw Violation(description: "\(stranger) came, but due is \(due)") }
    // Each signal of a set is its own event.
    let sources = events.map { event in if case .signal = event.kind { event } else { Event(id: event.id, kind: .user) } }
    if Set(sources).count < events.count { throw Violation(description: "one source came twice: \(events)") }
    // The system's kernel may spend room on a wake.
    let isEnough = events.count == min(room, due.count) || simulated == nil && !events.isEmpty
    if !isEnough { throw Violation(description: "with room for \(room) came \(events), but due is \(due)") }
    let timers = events.filter { if case .timer = $0.kind { true } else { false } }.map(\.id)
    if timers != model.dueTimers.prefix(timers.count).map(\.id) {
      throw Violation(description: "timers out of order: \(timers)")
    }
    for event in events { model.tell(event) }
  }

  /// The system's kernel may report more than the changes with `edge`; a stream's error is ignored.
  private func isAllowed(_ event: Event) -> Bool {
    guard simulated == nil, let stream = model.streams.first(where: { $0.watch?.id == event.id }), let watch = stream.watch
    else {
      return false
    }
    var readiness = event.readiness
    readiness.remove(.error)
    let whole = model.readiness(of: stream, watch.interest)
    let isTrue = readiness == whole || !kernel.differences.tellsBothDirections && readiness.isSubset(of: whole)
    return isTrue && !readiness.isEmpty && (stream.news != .none || watch.trigger != .once)
  }

  /// Waits until every one-time event is reported, within a few waits for each, whatever else is due.
  private func settle() throws {
    let once = model.due.filter { event in !model.streams.contains { $0.watch?.id == event.id && $0.watch?.trigger == .level } }
    for _ in 0..<(4 * model.due.count + 4) where !model.isClosed { try wait(1, 0) }
    if !model.isClosed, let starved = once.first(where: model.due.contains) {
      throw Violation(description: "\(starved) starves")
    }
  }

  private func signed(_ left: UInt64, _ right: UInt64) -> String {
    left < right ? "-\(right - left)" : "+\(left - right)"
  }
}

// MARK: - Acting

extension ModelRun {
  /// Arranges operations one at a time, and never when a timer is due.
  private func arrange(_ operation: Operation, after duration: UInt64) {
    var time = (model.now + duration) | 3
    while arranged.contains(where: { $0.time == time }) { time += 4 }
    arranged.append((time, operation))
    arranged.sort { $0.time < $1.time }
    simulated?.after(.nanoseconds(Int64(time - model.now))) { [weak self] in
      guard let self else { return }
      happened.append(try act(operation))
    }
  }

  /// Does an operation to the poller; returns its outcome and the new source's id, if any.
  private func act(_ operation: Operation) throws -> (outcome: Outcome, id: Event.ID?) {
    do {
      return try attempt(operation)
    } catch let error as PollerError {
      return (.failed(error.code), nil)
    }
  }

  private func attempt(_ operation: Operation) throws -> (outcome: Outcome, id: Event.ID?) {
    var id: Event.ID?
    switch operation {
    case .register(let s, let interest, let trigger):
      guard let pair = pairs[s], isOpen(s) else { return (.skipped, nil) }
      id = try poller.register(pair.near, for: interest, trigger: trigger)
      watches[s] = id
    case .reregister(let s, let interest, let trigger, let isAnew):
      guard let pair = pairs[s], isOpen(s) else { return (.skipped, nil) }
      if isAnew { id = .next() }
      try poller.reregister(pair.near, as: id ?? watches[s] ?? .next(), for: interest, trigger: trigger)
      watches[s] = id ?? watches[s]
    case .deregister(let s):
      guard let pair = pairs[s], isOpen(s) else { return (.skipped, nil) }
      try poller.deregister(pair.near)
    case .set(let t, let after, let period):
      let timer = try poller.schedule(.next(), at: deadline(after: after), every: period)
      timers[t].append(timer)
      id = timer.id
    case .move(let t, let after, let period):
      guard let timer = timers[t].last else { return (.skipped, nil) }
      return (.flag(try poller.move(timer, to: deadline(after: after), every: period)), nil)
    case .cancel(let t):
      guard let timer = timers[t].last else { return (.skipped, nil) }
      return (.flag(poller.cancel(timer)), nil)
    case .cancelStale(let t):
      guard let timer = timers[t].dropLast().last else { return (.skipped, nil) }
      return (.flag(poller.cancel(timer)), nil)
    case .openUser(let u):
      id = users[u]?.id ?? .next()
      users[u] = try poller.makeUserEvent(as: id ?? .next())
    case .trigger(let u):
      guard let user = users[u] else { return (.skipped, nil) }
      try user.trigger()
    case .dropUser(let u) where users[u] != nil: users[u] = nil
    case .wake: try poller.wake()
    case .closePoller: poller.close()
    case .openChannel, .send, .receive, .receiveAll, .dropSender, .dropReceiver: return try converse(operation)
    case .watchSignals, .dropSignals, .raise, .startChild, .watchChild, .dropChild, .endChild, .reapChild:
      return try process(operation)
    default: return (try stream(operation) ? .done : .skipped, nil)
    }
    return (.done, id)
  }

  /// The system's clock: long past, or never.
  private func deadline(after duration: UInt64) -> UInt64 {
    if simulated == nil { return duration == 0 ? 1 : .max - 1 }
    return PollerModel.deadline(poller.now, after: duration)
  }

  private func isOpen(_ place: Int) -> Bool { ends[place].near }

  /// Returns whether the operation could be done.
  private func stream(_ operation: Operation) throws -> Bool {
    switch operation {
    case .open(let s):
      if isOpen(s) { return false }
      // First the old pair, and its far end.
      pairs[s] = nil
      pairs[s] = try kernel.makePair()
      ends[s] = Ends(near: true, far: true)
    case .close(let s):
      guard isOpen(s), let pair = pairs[s] else { return false }
      try pair.close(pair.near)
      ends[s].near = false
    case .hangUp(let s):
      guard isOpen(s), ends[s].far, let pair = pairs[s] else { return false }
      try pair.close(pair.far)
      ends[s].far = false
    case .peerShutsDown(let s):
      guard isOpen(s), ends[s].far, !ends[s].isFarShut, let pair = pairs[s] else { return false }
      try pair.shutDownWriting(pair.far)
      ends[s].isFarShut = true
    case .shutDown(let s):
      guard isOpen(s), !ends[s].isShut, let pair = pairs[s] else { return false }
      try pair.shutDownWriting(pair.near)
      ends[s].isShut = true
    case .arrive(let s):
      guard isOpen(s), ends[s].far, !ends[s].isFarShut, let pair = pairs[s] else { return false }
      _ = try pair.write(1, to: pair.far)
    case .take(let s):
      guard isOpen(s), let pair = pairs[s] else { return false }
      // A reset is reported here, once.
      _ = try? pair.drain(pair.near)
    case .fill(let s):
      guard isOpen(s), ends[s].far, !ends[s].isShut, let pair = pairs[s] else { return false }
      try pair.fill(pair.near)
      ends[s].isFull = true
    case .makeRoom(let s):
      guard isOpen(s), ends[s].far, ends[s].isFull, let pair = pairs[s] else { return false }
      try pair.drain(pair.far)
      ends[s].isFull = false
    default: return false
    }
    return true
  }

  private func converse(_ operation: Operation) throws -> (outcome: Outcome, id: Event.ID?) {
    switch operation {
    case .openChannel(let c, let capacity):
      let id = channels[c]?.receiver?.id ?? .next()
      if let capacity {
        let (sender, receiver) = try poller.makeChannel(of: Int.self, capacity: capacity, as: id)
        channels[c] = Line(bounded: sender, receiver: receiver)
      } else {
        let (sender, receiver) = try poller.makeChannel(of: Int.self, as: id)
        channels[c] = Line(unbounded: sender, receiver: receiver)
      }
      return (.done, id)
    case .send(let c):
      if let sender = channels[c]?.unbounded {
        sent += 1
        return (sender.send(sent).map { .returned($0) } ?? .done, nil)
      }
      guard let sender = channels[c]?.bounded else { return (.skipped, nil) }
      sent += 1
      return switch sender.trySend(sent) {
      case .sent: (.done, nil)
      case .full(let message): (.full(message), nil)
      case .disconnected(let message): (.returned(message), nil)
      }
    case .receive(let c):
      guard let receiver = channels[c]?.receiver else { return (.skipped, nil) }
      return switch receiver.tryReceive() {
      case .message(let message): (.took([message]), nil)
      case .empty: (.empty, nil)
      case .disconnected: (.disconnected, nil)
      }
    case .receiveAll(let c, let limit):
      guard let receiver = channels[c]?.receiver else { return (.skipped, nil) }
      var taken: [Int] = []
      do {
        let more = try receiver.receiveAll { message in
          taken.append(message)
          if let limit, taken.count > limit { throw Violation(description: "enough") }
        }
        return (.tookAll(taken, more: more), nil)
      } catch {
        return (.took(taken), nil)
      }
    case .dropSender(let c):
      if channels[c]?.unbounded == nil, channels[c]?.bounded == nil { return (.skipped, nil) }
      channels[c]?.unbounded = nil
      channels[c]?.bounded = nil
    case .dropReceiver(let c):
      if channels[c]?.receiver == nil { return (.skipped, nil) }
      channels[c]?.receiver = nil
    default: return (.skipped, nil)
    }
    return (.done, nil)
  }

  private func process(_ operation: Operation) throws -> (outcome: Outcome, id: Event.ID?) {
    switch operation {
    case .watchSignals(let s, let bits):
      // The new registration exists before the old one ends.
      signalSets[s].owner = try poller.watch(Operation.signals(bits), as: signalSets[s].id)
      return (.done, signalSets[s].id)
    case .dropSignals(let s) where signalSets[s].owner != nil: signalSets[s].owner = nil
    case .raise(let number): ProcessProbe.send(Operation.signals[number].number)
    case .startChild(let c) where children[c] == nil:
      guard let child = ChildProcess.sleeping() else { throw Violation(description: "no child can be started") }
      children[c] = (child, false)
      // Until its exec the child's copies keep descriptors registered that are closed here meanwhile.
      while (try? String(contentsOfFile: "/proc/\(child.id)/comm", encoding: .utf8)) != "sleep\n" { usleep(50) }
    case .watchChild(let c):
      guard let child = children[c]?.process else { return (.skipped, nil) }
      watched[c].owner = try poller.watch(child: child.id, as: watched[c].id)
      return (.done, watched[c].id)
    case .dropChild(let c) where watched[c].owner != nil: watched[c].owner = nil
    case .endChild(let c):
      guard let (child, hasEnded) = children[c], !hasEnded else { return (.skipped, nil) }
      child.kill()
      child.waitUntilEnded()
      children[c]?.hasEnded = true
    case .reapChild(let c):
      guard let (child, hasEnded) = children[c], hasEnded else { return (.skipped, nil) }
      child.reap()
      children[c] = nil
    default: return (.skipped, nil)
    }
    return (.done, nil)
  }
}
