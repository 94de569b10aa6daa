import Foundation

/// Threads of this process that sleep, by what Linux tells of them.
package enum Sleepers {
  /// Returns when so many threads whose names begin so are asleep, whatever in.
  package static func wait(for count: Int, named prefix: String) {
    while (0..<3).contains(where: { _ in asleep(prefix) < count }) { usleep(1_000) }
  }

  /// How often such threads have gone to sleep by themselves: once for each time that they were woken.
  package static func sleeps(named prefix: String) -> Int {
    files("status").reduce(0) { sum, status in
      let lines = status.split(separator: "\n")
      guard let name = lines.first, name.hasPrefix("Name:\t\(prefix)") else { return sum }
      let count = lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }?.split(separator: "\t").last
      return sum + (count.flatMap { Int($0) } ?? 0)
    }
  }

  private static func asleep(_ prefix: String) -> Int {
    files("stat").filter { $0.contains("(\(prefix)") && $0.contains(") S ") }.count
  }

  /// A file of each thread's.
  private static func files(_ name: String) -> [String] {
    let folder = "/proc/self/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return threads.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/\(name)", encoding: .utf8) }
  }
}
