import Amy
import AmySockets
import SystemPackage

/// The system's own kernel, through the package interface.
package struct SystemKernel: KernelUnderTest {
  package init() {}

  package var description: String { "the system's kernel" }

  package func makePoller() throws -> any PollerUnderTest { SystemPoller(poller: try Poller()) }

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

  func deregister(_ descriptor: FileDescriptor) throws(PollerError) {
    try poller.registrar.deregister(descriptor)
  }

  func wait(atMost limit: Int, timeout: Duration?) throws(PollerError) -> [Event] {
    var events = EventBuffer(capacity: limit)
    try poller.wait(into: &events, timeout: timeout)
    return events.array
  }

  func wake() throws(PollerError) { try poller.wake() }

  func close() { poller.close() }

  var now: UInt64 { poller.hub.kernel.now }
}
