import Foundation

/// Threads of this process that sleep, by what Linux tells of them.
package enum Sleepers {
  /// Returns when so many threads whose names begin so are asleep, whatever in.
  package static func wait(for count: Int, named prefix: String) {
    while (0..<3).contains(where: { _ in asleep(prefix) < count }) { usleep(1_000) }
  }

  private static func asleep(_ prefix: String) -> Int {
    let folder = "/proc/self/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return threads.filter { thread in
      guard let status = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8) else { return false }
      return status.contains("(\(prefix)") && status.contains(") S ")
    }.count
  }
}
