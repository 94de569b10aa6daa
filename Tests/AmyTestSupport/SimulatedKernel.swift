import Amy
import AmyThreads
import Foundation
import SystemPackage

/// A kernel inside this process, with its own time, to test the layers above the backend without waiting.
///
/// It has streams of bytes, watches, and a clock that only waits advance: one that would sleep until its deadline moves the
/// clock there. Actions arranged for a time (``after(_:_:)``) happen on the way: an hour passes at once, always in the same
/// order.
package final class SimulatedKernel: KernelUnderTest, @unchecked Sendable {
  // The condition guards all properties below.
  private let condition = NSCondition()
  private var clock: UInt64 = 1_000_000_000
  private var files: [CInt: SimulatedFile] = [:]
  private var queues: [SimulatedQueue] = []
  private var arranged: [(time: UInt64, action: @Sendable () throws -> Void)] = []

  private var wakesToFail = 0

  package init() {}

  package var description: String { "a simulated kernel" }

  /// Makes the next wakes fail.
  package func failWakes(_ count: Int) {
    locked { wakesToFail = count }
  }

  package var differences: KernelDifferences { .simulated }

  package func makePoller(isEmbedded: Bool) throws -> any PollerUnderTest {
    let backend = makeBackend()
    let queue = backend.queue
    let core = PollerCore(backend, try ForkDetector(), isEmbedded: isEmbedded)
    return SimulatedPoller(core: core, queue: queue)
  }

  package func makePair() throws -> any StreamPair {
    locked {
      // The lowest free number, as in every kernel.
      let near = lowestFree(from: 10)
      let far = lowestFree(from: near + 1)
      files[near] = SimulatedFile(peer: far)
      files[far] = SimulatedFile(peer: near)
      return SimulatedStreamPair(
        kernel: self, near: FileDescriptor(rawValue: near), far: FileDescriptor(rawValue: far))
    }
  }

  private func lowestFree(from number: CInt) -> CInt {
    var number = number
    while files[number] != nil { number += 1 }
    return number
  }

  /// Arranges an action for the clock's time after a duration, which a wait that sleeps so long reaches.
  package func after(_ duration: Duration, _ action: @escaping @Sendable () throws -> Void) {
    locked {
      let components = duration.components
      let nanoseconds = UInt64(components.seconds) * 1_000_000_000 + UInt64(components.attoseconds / 1_000_000_000)
      arranged.append((clock + nanoseconds, action))
      arranged.sort { $0.time < $1.time }
      condition.broadcast()
    }
  }

  /// Drops the arranged actions, and what they refer to, such as a poller that refers to its kernel.
  package func forgetArranged() {
    var forgotten: [(time: UInt64, action: @Sendable () throws -> Void)] = []
    locked { swap(&arranged, &forgotten) }
  }

  package func makeBackend() -> SimulatedBackend {
    let queue = SimulatedQueue()
    locked { queues.append(queue) }
    return SimulatedBackend(kernel: self, queue: queue)
  }

  fileprivate func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }
}

// MARK: - Files

private struct SimulatedFile {
  static let capacity = 200_000
  /// Nil once the peer is closed: its number may be another file's.
  var peer: CInt?
  var received = 0
  var isWriteShut = false
}

extension SimulatedKernel {
  fileprivate func write(_ count: Int, to descriptor: CInt) throws -> Int {
    try locked {
      guard let file = files[descriptor] else { throw Errno.badFileDescriptor }
      guard !file.isWriteShut, let peer = file.peer, let room = room(of: file) else { throw Errno.brokenPipe }
      let taken = min(room, count)
      files[peer]?.received += taken
      if taken > 0 { changed(peer) }
      return taken
    }
  }

  fileprivate func read(_ count: Int, from descriptor: CInt) throws -> Int? {
    try locked {
      guard let file = files[descriptor] else { throw Errno.badFileDescriptor }
      if file.received == 0 { return hasEnded(file) ? 0 : nil }
      let taken = min(count, file.received)
      files[descriptor]?.received -= taken
      if file.received == SimulatedFile.capacity { changed(file.peer) }
      return taken
    }
  }

  fileprivate func shutDownWriting(_ descriptor: CInt) throws {
    try locked {
      guard let file = files[descriptor] else { throw Errno.badFileDescriptor }
      files[descriptor]?.isWriteShut = true
      changed(descriptor)
      changed(file.peer)
    }
  }

  fileprivate func close(_ descriptor: CInt) {
    locked {
      guard let file = files.removeValue(forKey: descriptor) else { return }
      for queue in queues { queue.forget(descriptor) }
      if let peer = file.peer { files[peer]?.peer = nil }
      changed(file.peer)
    }
  }

  /// The open file that receives its writes.
  private func peer(of file: SimulatedFile) -> SimulatedFile? {
    file.peer.flatMap { files[$0] }
  }

  private func room(of file: SimulatedFile) -> Int? {
    peer(of: file).map { SimulatedFile.capacity - $0.received }
  }

  private func hasEnded(_ file: SimulatedFile) -> Bool {
    peer(of: file).map(\.isWriteShut) ?? true
  }

  /// The state of a file, as epoll reports it.
  private func state(of descriptor: CInt, _ interest: Interest) -> Readiness {
    guard let file = files[descriptor] else { return [] }
    var state: Readiness = []
    let isHangUp = file.peer == nil || hasEnded(file) && file.isWriteShut
    if interest.contains(.readable) {
      if file.received > 0 || hasEnded(file) { state.insert(.readable) }
      if hasEnded(file) { state.insert(.readClosed) }
    }
    if interest.contains(.writable) {
      if isHangUp || room(of: file) != 0 { state.insert(.writable) }
      if isHangUp { state.insert(.writeClosed) }
    }
    return state
  }

  private func changed(_ descriptor: CInt?) {
    guard let descriptor else { return }
    for queue in queues { queue.note(descriptor) }
    condition.broadcast()
  }
}

// MARK: - Queues

/// The watches of one poller, and the descriptors that may be ready, in the order in which they became so.
package final class SimulatedQueue: @unchecked Sendable {
  fileprivate var watches: [CInt: Watch] = [:]
  fileprivate var ready: [CInt] = []
  fileprivate var isWoken = false
  fileprivate var isWokenForGood = false
  fileprivate var alarm = UInt64.max

  fileprivate func note(_ descriptor: CInt) {
    if watches[descriptor] != nil, !ready.contains(descriptor) { ready.append(descriptor) }
  }

  fileprivate func forget(_ descriptor: CInt) {
    watches[descriptor] = nil
    ready.removeAll { $0 == descriptor }
  }
}

/// The simulated kernel as the backend of a core.
package struct SimulatedBackend: Backend, ~Copyable {
  fileprivate let kernel: SimulatedKernel
  fileprivate let queue: SimulatedQueue

  package var now: UInt64 { kernel.now }
  package var descriptor: CInt { -1 }

  package func change(_ descriptor: CInt, _ change: Change, _ watch: Watch) -> SystemCallResult {
    kernel.change(queue, descriptor, change, watch)
  }

  package func wake() -> SystemCallResult {
    kernel.failsToWake() ? -Errno.resourceTemporarilyUnavailable.rawValue : kernel.wake(queue, forGood: false)
  }

  package func wakePermanently() {
    _ = kernel.wake(queue, forGood: true)
  }

  package func setAlarm(_ time: UInt64) -> SystemCallResult {
    kernel.setAlarm(queue, time)
    return 0
  }

  package func wait(into events: inout EventBuffer, after count: Int, for nanoseconds: UInt64) -> WaitResult {
    events.count = count
    let harvested = kernel.wait(queue, atMost: events.capacity - count, for: nanoseconds)
    for event in harvested.events { events.append(event) }
    let others = (harvested.flags.contains(.waker) ? 1 : 0) + (harvested.flags.contains(.alarm) ? 1 : 0)
    let flags = harvested.events.isEmpty ? harvested.flags.union(.other) : harvested.flags
    return WaitResult(result: CInt(harvested.events.count + others), flags: flags)
  }
}

extension SimulatedKernel {
  fileprivate var now: UInt64 { locked { clock } }

  fileprivate func change(
    _ queue: SimulatedQueue, _ descriptor: CInt, _ change: Change, _ watch: Watch
  ) -> SystemCallResult {
    locked {
      guard files[descriptor] != nil else { return -Errno.badFileDescriptor.rawValue }
      let isWatched = queue.watches[descriptor] != nil
      switch change {
      case .add where isWatched: return -Errno.fileExists.rawValue
      case .modify where !isWatched, .remove where !isWatched: return -Errno.noSuchFileOrDirectory.rawValue
      case .modify where queue.watches[descriptor]?.isShared == true: return -Errno.invalidArgument.rawValue
      case .remove: queue.forget(descriptor)
      case .add, .modify:
        queue.watches[descriptor] = watch
        queue.note(descriptor)
        condition.broadcast()
      }
      return 0
    }
  }

  fileprivate func wake(_ queue: SimulatedQueue, forGood: Bool) -> SystemCallResult {
    locked {
      queue.isWoken = true
      queue.isWokenForGood = queue.isWokenForGood || forGood
      condition.broadcast()
      return 0
    }
  }

  fileprivate func failsToWake() -> Bool {
    locked {
      wakesToFail -= 1
      return wakesToFail >= 0
    }
  }

  fileprivate func setAlarm(_ queue: SimulatedQueue, _ time: UInt64) {
    locked {
      queue.alarm = time
      condition.broadcast()
    }
  }

  fileprivate func wait(
    _ queue: SimulatedQueue, atMost limit: Int, for nanoseconds: UInt64
  ) -> (events: [Event], flags: WaitResult.Flags) {
    condition.lock()
    defer { condition.unlock() }
    let (sum, overflow) = clock.addingReportingOverflow(nanoseconds)
    let deadline = overflow ? UInt64.max : sum
    while true {
      let events = outcome(queue, atMost: limit)
      var flags: WaitResult.Flags = queue.isWoken ? .waker : []
      queue.isWoken = queue.isWokenForGood
      if clock >= queue.alarm {
        flags.insert(.alarm)
        queue.alarm = .max
      }
      if !events.isEmpty || !flags.isEmpty || clock >= deadline { return (events, flags) }
      let end = min(deadline, queue.alarm)
      if let next = arranged.first, next.time <= end {
        arranged.removeFirst()
        clock = max(clock, next.time)
        condition.unlock()
        do { try next.action() } catch { print("an arranged action failed: \(error)") }
        condition.lock()
      } else if end == .max {
        condition.wait()
      } else {
        clock = end
      }
    }
  }

  /// Returns whether a wait would return at once, as the descriptor shows a watching loop.
  fileprivate func isReadable(_ queue: SimulatedQueue) -> Bool {
    locked {
      queue.isWoken || clock >= queue.alarm
        || queue.ready.contains { descriptor in
          queue.watches[descriptor].map { !state(of: descriptor, $0.interest).isEmpty } ?? false
        }
    }
  }

  private func outcome(_ queue: SimulatedQueue, atMost limit: Int) -> [Event] {
    var events: [Event] = []
    var again: [CInt] = []
    while events.count < limit, !queue.ready.isEmpty {
      let descriptor = queue.ready.removeFirst()
      guard let watch = queue.watches[descriptor] else { continue }
      let readiness = state(of: descriptor, watch.interest)
      if readiness.isEmpty { continue }
      events.append(Event(id: watch.id, kind: .ready(readiness)))
      switch watch.trigger {
      case .once: queue.watches[descriptor] = Watch(id: watch.id, interest: .none, trigger: .once)
      case .edge: break
      case .level: again.append(descriptor)
      }
    }
    queue.ready += again
    return events
  }
}

// MARK: - Poller and stream pair

private final class SimulatedPoller: PollerUnderTest {
  let core: PollerCore<SimulatedBackend>
  private let queue: SimulatedQueue

  init(core: PollerCore<SimulatedBackend>, queue: SimulatedQueue) {
    self.core = core
    self.queue = queue
  }

  // As a Poller does.
  deinit {
    core.close()
  }

  func register(
    _ descriptor: FileDescriptor, as id: Event.ID, for interest: Interest, trigger: Trigger
  ) throws(PollerError) {
    try change(descriptor, .add, Watch(id: id, interest: interest, trigger: trigger))
  }

  func reregister(
    _ descriptor: FileDescriptor, as id: Event.ID, for interest: Interest, trigger: Trigger
  ) throws(PollerError) {
    try change(descriptor, .modify, Watch(id: id, interest: interest, trigger: trigger))
  }

  func registerShared(_ descriptor: FileDescriptor, as id: Event.ID) throws(PollerError) {
    try change(descriptor, .add, Watch(shared: id))
  }

  func deregister(_ descriptor: FileDescriptor) throws(PollerError) {
    try change(descriptor, .remove, Watch())
  }

  private func change(_ descriptor: FileDescriptor, _ change: Change, _ watch: Watch) throws(PollerError) {
    let result = core.change(descriptor.rawValue, change, watch)
    if result < 0 {
      throw core.error(of: result, by: change == .modify ? .modify : .change)
    }
  }

  func wait(atMost limit: Int, timeout: Duration?) throws(PollerError) -> [Event] {
    var events = EventBuffer(capacity: limit)
    let result = if let timeout { core.wait(into: &events, timeout: timeout) } else { core.wait(into: &events) }
    if result < 0 { throw core.error(of: result, by: .wait) }
    return events.array
  }

  func schedule(_ id: Event.ID, at deadline: UInt64, every period: UInt64) throws(PollerError) -> ScheduledTimer {
    try core.schedule(id, at: deadline, every: period)
  }

  func move(_ timer: ScheduledTimer, to deadline: UInt64, every period: UInt64) throws(PollerError) -> Bool {
    try core.move(timer, to: deadline, every: period)
  }

  func cancel(_ timer: ScheduledTimer) -> Bool { core.cancel(timer) }

  func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, as id: Event.ID
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
    try core.makeChannel(of: type, as: id)
  }

  func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int, as id: Event.ID
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
    try core.makeChannel(of: type, capacity: capacity, as: id)
  }

  func makeUserEvent(as id: Event.ID) throws(PollerError) -> UserEvent { try core.makeUserEvent(as: id) }

  // It has no processes.
  func watch(_ signals: Signals, as id: Event.ID) throws(PollerError) -> AnyObject { throw PollerError(.unsupported) }

  func watch(child: Int32, as id: Event.ID) throws(PollerError) -> AnyObject { throw PollerError(.unsupported) }

  func wake() throws(PollerError) { try core.wake() }

  func close() { core.close() }

  var now: UInt64 { core.kernel.now }

  var isReadable: Bool { core.kernel.kernel.isReadable(queue) }
}

private final class SimulatedStreamPair: StreamPair {
  let kernel: SimulatedKernel
  let near: FileDescriptor
  let far: FileDescriptor
  /// The open ends: a closed one's number may be reused.
  private let open: Monitor<Set<FileDescriptor>>

  init(kernel: SimulatedKernel, near: FileDescriptor, far: FileDescriptor) {
    self.kernel = kernel
    self.near = near
    self.far = far
    open = Monitor([near, far])
  }

  deinit {
    close(near)
    close(far)
  }

  func write(_ count: Int, to end: FileDescriptor) throws -> Int { try kernel.write(count, to: number(of: end)) }
  func read(_ count: Int, from end: FileDescriptor) throws -> Int? { try kernel.read(count, from: number(of: end)) }
  func shutDownWriting(_ end: FileDescriptor) throws { try kernel.shutDownWriting(number(of: end)) }

  func close(_ end: FileDescriptor) {
    if open.withLock({ $0.remove(end) }) != nil { kernel.close(end.rawValue) }
  }

  private func number(of end: FileDescriptor) throws(PollerError) -> CInt {
    guard open.withLock({ $0.contains(end) }) else { throw PollerError(.badDescriptor) }
    return end.rawValue
  }
}
