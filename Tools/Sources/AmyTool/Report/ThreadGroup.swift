internal import Amy
internal import AmyThreads
internal import Synchronization

/// Threads that work together, and what each of them does.
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
  ///   - role: The thread's name.
  ///   - body: Posts what it does on the board. That its poller was closed is how it is meant to end.
  ///
  /// - Throws: What a thread that is not started throws.
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
      // Who was not started is not at work.
      running.subtract(1, ordering: .relaxed)
      throw error
    }
    members.withLock { $0.append(Member(board: board, thread: thread)) }
  }

  private func fail(_ error: PollerError) {
    firstFailure.withLock { $0 = $0 ?? error }
  }

  /// Whether one of them is still at work.
  var isRunning: Bool { running.load(ordering: .relaxed) > 0 }

  /// Why a thread ended before it was told to, if one did.
  var failure: PollerError? { firstFailure.withLock { $0 } }

  /// What each thread has done so far.
  var reports: [ThreadReport] { members.withLock { $0.map(\.board.report) } }

  /// Waits for the end of all threads.
  func join() {
    let threads = members.withLock { $0.map(\.thread) }
    for thread in threads { thread.join() }
  }
}
