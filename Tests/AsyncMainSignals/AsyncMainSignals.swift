import Amy
import AmyTestSupport
import AmyThreads
import SystemPackage

/// A program with an `async` main that takes signals, for tests: on Linux, Dispatch lets its main thread sleep with nothing
/// blocked.
///
/// Prints `ready`, then each signal's number; ends after the given number of signals.
@main
enum AsyncMainSignals {
  static func main() async throws {
    let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 0 : 0
    let signals: Signals = [.terminate, .interrupt]
    signals.block()
    let poller = try Poller()
    let source = try SignalRegistration(signals, with: poller.registrar)
    if count == 0 {
      // The signals regain their default action.
      do { _ = consume source }
      say("ready")
      await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
      return
    }
    let id = source.id
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      _ = SystemThread<Void, Never>.spawn("waiter") {
        tell(count, of: id, from: poller)
        continuation.resume()
      }
    }
    _ = source.id
  }

  private static func tell(_ count: Int, of id: Event.ID, from poller: Poller) {
    var events = EventBuffer()
    var told = 0
    say("ready")
    while told < count, (try? poller.wait(into: &events)) != nil {
      events.forEach { event in
        guard event.id == id, case .signal(let number) = event.kind else { return }
        told += 1
        say("\(number)")
      }
    }
  }

  private static func say(_ line: String) {
    _ = try? FileDescriptor.standardOutput.writeAll((line + "\n").utf8)
  }
}
