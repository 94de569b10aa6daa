internal import AmyThreads

/// Where a thread posts its counters for the thread that shows them.
///
/// A thread posts once per wait, under a lock that another thread takes only a few times a second: cheap enough.
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
