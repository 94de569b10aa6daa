internal import AmyThreads

/// Where a thread posts its counters, once per wait.
///
/// A lock is cheap enough: the thread that shows them takes it only a few times a second.
final class Board: Sendable {
  private let latest: Monitor<ThreadReport>

  init(_ role: String) {
    latest = Monitor(ThreadReport(role))
  }

  var report: ThreadReport { latest.withLock { $0 } }

  func post(_ report: ThreadReport) {
    latest.withLock { $0 = report }
  }
}
