import Amy
import AmyTestSupport
import AmyThreads
import Foundation
import Synchronization

/// A poller, threads that wait on it and check each event against the role of its id, and threads that make and drop sources.
///
/// An event that takes over 20 seconds is lost.
final class SourceStage: Sendable {
  /// The kind of source behind an id.
  enum Role: Sendable {
    case descriptor, timer, channel, user, child
    case signals(ClosedRange<Int32>)
  }

  fileprivate struct State {
    var roles: [Event.ID: Role] = [:]
    var told: [Event.ID: Int] = [:]
    /// How often each was sent and reported.
    var signals: [Int32: (sent: Int, told: Int)] = [:]
    var findings: [String] = []
  }

  let poller: Poller
  private let state = Monitor(State())
  private let working = Atomic(0)

  init() throws(PollerError) { poller = try Poller() }

  var registrar: Registrar { poller.registrar }

  /// Reserves an id for events of this role only.
  func reserve(_ role: Role) -> Event.ID {
    let id = registrar.reserveID()
    state.withLock { $0.roles[id] = role }
    return id
  }

  /// Runs waiters and workers; returns the findings when all workers are done, or at the first.
  func run(waiters: Int, _ workers: [@Sendable () throws -> Void]) -> [String] {
    let waiting = (0..<waiters).map { number in
      SystemThread.spawn("waiter \(number)") { self.wait(room: 4 + 12 * number) }
    }
    working.store(workers.count, ordering: .releasing)
    for worker in workers {
      _ = SystemThread<Void, Never>.spawn("worker") {
        do { try worker() } catch { self.find("a call failed unexpectedly: \(error)") }
        self.working.subtract(1, ordering: .releasing)
      }
    }
    while working.load(ordering: .acquiring) > 0, !isOver {
      usleep(10_000)
      // For waiting threads to check the clock.
      state.notifyAll()
    }
    // After a finding, do not join: a stuck thread never returns.
    if !isOver {
      poller.close()
      for waiter in waiting { waiter.join() }
    }
    return state.withLock { $0.findings }
  }

  private func wait(room: Int) {
    var events = EventBuffer(capacity: room)
    while (try? poller.wait(into: &events)) != nil {
      for index in events.indices { hear(events[index]) }
    }
  }

  private func hear(_ event: Event) {
    state.withLock { state in
      if !state.allows(event) {
        let role = state.roles[event.id].map { "\($0)" } ?? "unknown"
        state.findings.append("reported \(event), but its id is \(role)")
      }
      state.told[event.id, default: 0] += 1
    }
    state.notifyAll()
  }

  // For the workers.

  var isOver: Bool { state.withLock { !$0.findings.isEmpty } }

  func find(_ what: String) {
    state.withLock { $0.findings.append(what) }
  }

  func send(_ signal: Int32) {
    state.withLock { $0.signals[signal, default: (0, 0)].sent += 1 }
    ProcessProbe.send(signal)
  }

  func told(_ id: Event.ID) -> Int { state.withLock { $0.told[id] ?? 0 } }

  /// Returns whether an id was reported more often than the count in time.
  func isTold(_ id: Event.ID, beyond count: Int, _ what: String) -> Bool {
    let end = MonotonicClock.now + 20_000_000_000
    let isTold = state.wait { state -> Bool? in
      if state.told[id] ?? 0 > count { return true }
      return MonotonicClock.now > end || !state.findings.isEmpty ? false : nil
    }
    if !isTold, !isOver { find(what) }
    return isTold
  }
}

extension SourceStage.State {
  /// Returns whether this event may be reported: signals at most as often as sent.
  fileprivate mutating func allows(_ event: Event) -> Bool {
    switch (roles[event.id], event.kind) {
    case (.descriptor, .ready(.readable)), (.timer, .timer(1)), (.channel, .message), (.user, .user), (.child, .process):
      return true
    case (.signals(let numbers), .signal(let number)) where numbers.contains(number):
      signals[number, default: (0, 0)].told += 1
      return signals[number, default: (0, 0)].told <= signals[number, default: (0, 0)].sent
    default:
      return false
    }
  }
}
