internal import Amy
internal import AmyThreads
internal import Synchronization

/// Threads that work together, and their reports.
final class ThreadGroup: Sendable {
  private struct Member {
    let board: Board
    let thread: SystemThread<Void, Never>
  }

  private let members = Monitor<[Member]>([])
  private let running = Atomic(0)
  private let firstFailure = Monitor<PollerError?>(nil)

  /// Starts a thread.
  ///
  /// - Parameters:
  ///   - role: Its name.
  ///   - body: Posts its counters to the board. A closed poller is its regular end.
  ///
  /// - Throws: The error if it cannot start.
  func start(
    _ role: String, _ body: @escaping @Sendable (Board) throws(PollerError) -> Void
  ) throws(SystemThreadError) {
    let board = Board(role)
    running.add(1, ordering: .relaxed)
    let thread: SystemThread<Void, Never>
    do throws(SystemThreadError) {
      thread = try SystemThread(named: role) {
        do throws(PollerError) {
          try body(board)
        } catch {
          if error.code != .closed { self.fail(error) }
        }
        self.running.subtract(1, ordering: .relaxed)
      }
    } catch {
      // It does not run.
      running.subtract(1, ordering: .relaxed)
      throw error
    }
    members.withLock { $0.append(Member(board: board, thread: thread)) }
  }

  private func fail(_ error: PollerError) {
    firstFailure.withLock { $0 = $0 ?? error }
  }

  var isRunning: Bool { running.load(ordering: .relaxed) > 0 }

  /// The first early end's error.
  var failure: PollerError? { firstFailure.withLock { $0 } }

  var reports: [ThreadReport] { members.withLock { $0.map(\.board.report) } }

  func join() {
    let threads = members.withLock { $0.map(\.thread) }
    for thread in threads { thread.join() }
  }
}
