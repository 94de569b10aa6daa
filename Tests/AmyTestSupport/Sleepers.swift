import CAmyTestSupport
import Foundation

/// This process's sleeping threads, as the system reports them.
package enum Sleepers {
  /// Returns once that many threads with this name prefix are asleep, in any call.
  package static func wait(for count: Int, named prefix: String) {
    amy_test_wait_for_sleepers(Int32(count), prefix)
  }

  /// Returns how often these threads have gone to sleep: once for each wake; only on Linux.
  package static func sleeps(named prefix: String) -> Int {
    let folder = "/proc/self/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let files = threads.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/status", encoding: .utf8) }
    return files.reduce(0) { sum, status in
      let lines = status.split(separator: "\n")
      guard let name = lines.first, name.hasPrefix("Name:\t\(prefix)") else { return sum }
      let count = lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }?.split(separator: "\t").last
      return sum + (count.flatMap { Int($0) } ?? 0)
    }
  }
}
