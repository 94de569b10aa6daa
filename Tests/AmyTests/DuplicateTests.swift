import Amy
import AmySockets
import AmyTestSupport
import SystemPackage
import Testing

@Suite("A descriptor", .timeLimit(.minutes(10)))
struct DuplicateTests {
  @Test(
    "whose duplicate still makes events can be removed once it is back under its number",
    .enabled(if: DescriptorLimit.current.soft > 920, "needs a high number"))
  func duplicate() throws {
    let poller = try Poller()
    let registrar = poller.registrar
    var events = EventBuffer()
    let pair = try UnixStream.pair()
    _ = try pair.second.write([1])
    // So high that nothing else gets it.
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
    "opened with O_PATH is a bad one, and the message says so", .enabled(if: KernelDifferences.system.hasPriority))
  func pathOnly() throws {
    let oPath = FileDescriptor.OpenOptions(rawValue: 0o10000000)
    let descriptor = try FileDescriptor.open("/", .readOnly, options: oPath)
    defer { try? descriptor.close() }
    let poller = try Poller()
    do throws(PollerError) {
      _ = try poller.registrar.register(descriptor, for: .readable)
      Issue.record("a descriptor opened with O_PATH was registered")
    } catch {
      #expect(error.code == .badDescriptor)
      #expect(error.description.contains("O_PATH"))
    }
  }
}
