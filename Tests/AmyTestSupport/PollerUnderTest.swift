import Amy
import SystemPackage

/// A poller's operations for the contract tests, over any kernel.
package protocol PollerUnderTest: Sendable {
  func register(_ descriptor: FileDescriptor, as id: Event.ID, for interest: Interest, trigger: Trigger) throws(PollerError)
  func reregister(_ descriptor: FileDescriptor, as id: Event.ID, for interest: Interest, trigger: Trigger) throws(PollerError)
  func registerShared(_ descriptor: FileDescriptor, as id: Event.ID) throws(PollerError)
  func deregister(_ descriptor: FileDescriptor) throws(PollerError)
  func wait(atMost limit: Int, timeout: Duration?) throws(PollerError) -> [Event]
  func schedule(_ id: Event.ID, at deadline: UInt64, every period: UInt64) throws(PollerError) -> ScheduledTimer
  func move(_ timer: ScheduledTimer, to deadline: UInt64, every period: UInt64) throws(PollerError) -> Bool
  func cancel(_ timer: ScheduledTimer) -> Bool
  func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, as id: Event.ID
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>)
  func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int, as id: Event.ID
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>)
  func makeUserEvent(as id: Event.ID) throws(PollerError) -> UserEvent
  /// Registers signals for the returned object's life.
  func watch(_ signals: Signals, as id: Event.ID) throws(PollerError) -> AnyObject
  /// Registers a child for the returned object's life.
  func watch(child: Int32, as id: Event.ID) throws(PollerError) -> AnyObject
  func wake() throws(PollerError)
  func close()

  /// Nanoseconds on the timeouts' clock.
  var now: UInt64 { get }

  /// Whether its descriptor is readable to a watching loop.
  var isReadable: Bool { get }
}

extension PollerUnderTest {
  /// Registers a descriptor under a fresh id.
  package func register(
    _ descriptor: FileDescriptor, for interest: Interest, trigger: Trigger
  ) throws(PollerError) -> Event.ID {
    let id = Event.ID.next()
    try register(descriptor, as: id, for: interest, trigger: trigger)
    return id
  }

  /// Schedules a timer under a fresh id.
  package func schedule(after nanoseconds: UInt64, every period: UInt64 = 0) throws(PollerError) -> ScheduledTimer {
    try schedule(.next(), at: now + nanoseconds, every: period)
  }

  /// Makes a channel under a fresh id.
  package func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type
  ) throws(PollerError) -> (sender: Sender<Message>, receiver: Receiver<Message>) {
    try makeChannel(of: type, as: .next())
  }

  /// Makes a bounded channel under a fresh id.
  package func makeChannel<Message: ~Copyable & Sendable>(
    of type: Message.Type, capacity: Int
  ) throws(PollerError) -> (sender: BoundedSender<Message>, receiver: Receiver<Message>) {
    try makeChannel(of: type, capacity: capacity, as: .next())
  }

  /// Makes a user event under a fresh id.
  package func makeUserEvent() throws(PollerError) -> UserEvent {
    try makeUserEvent(as: .next())
  }

  /// Returns the events ready now.
  package func poll(atMost limit: Int = 256) throws(PollerError) -> [Event] {
    try wait(atMost: limit, timeout: .zero)
  }

  /// Waits for arranged events, with a timeout that only a bug lets end.
  package func waitForEvents(atMost limit: Int = 256) throws(PollerError) -> [Event] {
    try wait(atMost: limit, timeout: .seconds(60))
  }
}

extension EventBuffer {
  package var array: [Event] { indices.map { self[$0] } }
}
