import Amy
import Glibc

// Waits COUNT times without events, to count system calls and allocations.
//
//     waiting poll|pending|timeout|wake COUNT

@main
struct Waiting {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let count = Int(arguments[2]) else {
      print("usage: waiting poll|pending|timeout|wake COUNT")
      exit(64)
    }
    let poller = try Poller()
    var events = EventBuffer()
    switch arguments[1] {
    case "poll":
      for _ in 0..<count { try poller.wait(into: &events, timeout: .zero) }
    case "pending":
      // An hour ahead, as for idle timeouts.
      _ = try poller.registrar.scheduleTimer(after: .seconds(3600))
      for _ in 0..<count { try poller.wait(into: &events, timeout: .zero) }
    case "timeout":
      for _ in 0..<count { try poller.wait(into: &events, timeout: .microseconds(1)) }
    case "wake":
      for _ in 0..<count {
        try poller.wake()
        try poller.wait(into: &events)
      }
    default:
      print("usage: waiting poll|pending|timeout|wake COUNT")
      exit(64)
    }
  }
}
