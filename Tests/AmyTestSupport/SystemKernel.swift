import Amy
import AmySockets
import CAmyTestSupport
import SystemPackage

/// The system's kernel, through the package interface.
package struct SystemKernel: KernelUnderTest {
  package init() {}

  package var description: String { "the system's kernel" }

  package func makePoller(isEmbedded: Bool) throws -> any PollerUnderTest {
    SystemPoller(poller: try Poller(isEmbedded: isEmbedded))
  }

  package func makePair() throws -> any StreamPair { try SocketStreamPair() }

  package var differences: KernelDifferences { .system }
}

private struct SystemPoller: PollerUnderTest {
  let poller: Poller

  func register(
    _ descriptor: FileDescriptor, as id: Event.ID, for interest: Interest, trigger: Trigger
  ) throws(PollerError) {
    try poller.registrar.register(descriptor, as: id, for: interest, trigger: trigger)
  }

  func reregister(
    _ descriptor: FileDescriptor, as id: Event.ID, for interest: Interest, trigger: Trigger
  ) throws(PollerError) {
    try poller.registrar.reregister(descriptor, as: id, for: interest, trigger: trigger)
  }

  func registerShared(_ descriptor: FileDescriptor, as id: Event.ID) throws(PollerError) {
    try poller.registrar.registerShared(descriptor, as: id)
  }

  func deregister(_ descriptor: FileDescriptor) throws(PollerError) {
    try poller.registrar.deregister(descriptor)
  }

  func wait(atMost limit: Int, timeout: Duration?) throws(PollerError) -> [Event] {
    var events = EventBuffer(capacity: limit)
    try poller.wait(into: &events, timeout: timeout)
    return events.array
  }

  func schedule(_ id: Event.ID, at deadline: UInt64, every period: UInt64) throws(PollerError) -> ScheduledTimer {
    try poller.core.schedule(id, at: deadline, every: period)
  }

  func move(_ timer: ScheduledTimer, to deadline: UInt64, every period: UInt64) throws(PollerError) -> Bool {
    try poller.core.move(timer, to: deadline, every: period)
  }

  func cancel(_ timer: ScheduledTimer) -> Bool { poller.core.cancel(timer) }

  func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, as id: Event.ID
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
    try poller.core.makeChannel(of: type, as: id)
  }

  func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int, as id: Event.ID
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
    try poller.core.makeChannel(of: type, capacity: capacity, as: id)
  }

  func makeUserEvent(as id: Event.ID) throws(PollerError) -> UserEvent { try poller.core.makeUserEvent(as: id) }

  func watch(_ signals: Signals, as id: Event.ID) throws(PollerError) -> AnyObject {
    Owner(try SignalRegistration(signals, as: id, with: poller.registrar))
  }

  func watch(child: Int32, as id: Event.ID) throws(PollerError) -> AnyObject {
    Owner(try ProcessRegistration(of: child, as: id, with: poller.registrar))
  }

  func wake() throws(PollerError) { try poller.wake() }

  func close() { poller.close() }

  var now: UInt64 { poller.core.kernel.now }

  var isReadable: Bool { amy_test_is_readable(poller.fileDescriptor.rawValue) }
}

private final class Owner<Value: ~Copyable> {
  private let value: Value
  init(_ value: consuming Value) { self.value = value }
}
