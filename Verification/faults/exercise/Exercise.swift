import Amy
import AmySockets
import Glibc

/// Uses pollers with all their kinds of sources, and sockets, eight times, and reports the outcome: `Verification/faults/run`
/// makes system calls fail underneath.
///
/// A call may fail: then the program must get a typed error, and nothing may be left open. In the end everything must work
/// again. So this program itself, and the time that it takes, judge each fault.
@main
struct Exercise {
  static func main() {
    // Blocked from the beginning, as required of a program with threads.
    ([.user1] as Signals).block()
    // Opens what the process opens only once, before the count.
    _ = try? Poller()
    let before = openDescriptors()
    let outcomes = (0..<8).map { _ in outcome() }
    // One more descriptor stays, made by the first registration of signals: a handler uses it to report a caught signal.
    let left = openDescriptors() - before - 1
    let told = outcomes.dropLast().first { $0 != "ok" } ?? "ok"
    let wrong = outcomes.first { $0.hasPrefix("WRONG") }
    print("first: \(wrong ?? told); last: \(outcomes[7]); descriptors left: \(left)")
  }

  private static func outcome() -> String {
    do throws(Failure) {
      try Parts().all()
      return "ok"
    } catch {
      return "\(error)"
    }
  }

  private static func openDescriptors() -> Int {
    (0..<256).filter { fcntl($0, F_GETFD) >= 0 }.count
  }
}

/// The failure, and its step.
enum Failure: Error, CustomStringConvertible {
  /// A call threw an error, as programs may expect.
  case told(step: String, error: PollerError)
  /// Something was lost or invented, which must not happen.
  case wrong(step: String, what: String)

  var description: String {
    switch self {
    case .told(let step, let error): "\(step) throws \(error.code)"
    case .wrong(let step, let what): "WRONG in \(step): \(what)"
    }
  }
}
