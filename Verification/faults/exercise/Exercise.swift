import Amy
import AmySockets
import Glibc

/// Uses everything that Amy has, some times, and says how it went: what `Verification/faults/run` makes system calls fail
/// below.
///
/// A call may fail: then the error must be one that the program is told, typed, and nothing may be left open. In the end
/// everything must work again. So each fault is judged by this program itself, and by how long it takes.
@main
struct Exercise {
  static func main() {
    // Blocked from the beginning, as a program with threads must.
    ([.user1] as Signals).block()
    // What the process opens once and for all, before it is counted.
    _ = try? Poller()
    let before = openDescriptors()
    let outcomes = (0..<8).map { _ in outcome() }
    // One stays as well, made by the first registration of signals: what a handler tells by that it caught one.
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

/// What went wrong, and where.
enum Failure: Error, CustomStringConvertible {
  /// A call threw: what a program is told.
  case told(step: String, error: PollerError)
  /// Something was lost or made up: what must not be.
  case wrong(step: String, what: String)

  var description: String {
    switch self {
    case .told(let step, let error): "\(step) throws \(error.code)"
    case .wrong(let step, let what): "WRONG in \(step): \(what)"
    }
  }
}
