import Amy
import AmySockets
import Glibc

/// Uses pollers with all kinds of sources, and sockets, eight times, while `Verification/faults/run` makes system calls fail.
///
/// A failed call must give the program a typed error and leave nothing open; in the end everything must work again. So this
/// program and its time judge each fault.
@main
struct Exercise {
  static func main() {
    // From the beginning, as in any program with threads.
    ([.user1] as Signals).block()
    // Opens first what the process opens only once.
    _ = try? Poller()
    let before = openDescriptors()
    let outcomes = (0..<8).map { _ in outcome() }
    // One more stays, from the first registration of signals: a handler uses it to report a caught signal.
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

enum Failure: Error, CustomStringConvertible {
  /// A call threw an error, as programs may expect.
  case told(step: String, error: PollerError)
  /// Something was lost or invented.
  case wrong(step: String, what: String)

  var description: String {
    switch self {
    case .told(let step, let error): "\(step) throws \(error.code)"
    case .wrong(let step, let what): "WRONG in \(step): \(what)"
    }
  }
}
