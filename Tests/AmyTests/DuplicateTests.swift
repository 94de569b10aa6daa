import Amy
import AmySockets
import AmyTestSupport
import SystemPackage
import Testing

/// What descriptors are told apart by.
@Suite("A descriptor", .timeLimit(.minutes(10)))
struct DuplicateTests {
  @Test("whose duplicate goes on making events can be removed once it has its number again")
  func duplicate() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    var events = EventBuffer()
    let pair = try UnixStream.pair()
    _ = try pair.second.write([1])
    // So high that nobody else opens something under that number.
    let number = FileDescriptor(rawValue: 920)
    let near = try pair.first.fileDescriptor.duplicate(as: number)
    let id = try registrar.register(near, for: .readable, trigger: .level)
    try near.close()
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.map(\.id) == (KernelDifferences.system.hasPriority ? [id] : []))

    let again = try pair.first.fileDescriptor.duplicate(as: number)
    defer { try? again.close() }
    if KernelDifferences.system.hasPriority { try registrar.deregister(again) }
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.array.isEmpty)
  }

  @Test(
    "that is open for its path alone is a bad one, and the message says so", .enabled(if: KernelDifferences.system.hasPriority))
  func pathOnly() throws {
    let oPath = FileDescriptor.OpenOptions(rawValue: 0o10000000)
    let descriptor = try FileDescriptor.open("/", .readOnly, options: oPath)
    defer { try? descriptor.close() }
    let poller = try Poller()
    do throws(PollerError) {
      _ = try poller.registrar.register(descriptor, for: .readable)
      Issue.record("there is nothing to wait for")
    } catch {
      #expect(error.code == .badDescriptor)
      #expect(error.description.contains("O_PATH"))
    }
  }
}
