internal import AmyThreads

/// Where a thread puts up what it has done so far, for the one that shows it.
///
/// Once a wait, and under a lock that nobody else wants but a few times a second: cheap enough.
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
