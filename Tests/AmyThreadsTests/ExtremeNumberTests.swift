import AmyTestSupport
import AmyThreads
import Foundation
import Testing

/// Tests every public number of threads with its extremes; `TidyTests` reports one without a row here.
///
/// No sanitizer supports threads in a forked child.
@Suite("An extreme number", .timeLimit(.minutes(10)), .enabled(if: sanitizer == nil))
struct ExtremeNumberTests {
  @Test("of a thread is clamped, or refused with a typed error")
  func threads() async {
    // In its own process, where no thread holds a lock at the forks.
    await #expect(processExitsWith: .success) {
      tell(
        sweep("SystemThread init(named:blocking:processors:timerSlack:_:) timerSlack", Extremes.durations) { slack in
          try SystemThread(named: "extreme", timerSlack: slack) {}.join()
        }
          + sweep("CurrentThread setTimerSlack(_:) _", Extremes.durations) { try CurrentThread.setTimerSlack($0) }
          + sweep("processors", Extremes.integers) { try CurrentThread.setProcessors([$0]) })
    }
  }
}

private func tell(_ broken: [String]) {
  for name in broken { Issue.record("\(name)") }
}
