/// The resident memory of this process, where the system tells it as Linux does.
enum ProcessMemory {
  /// In bytes, or nil: elsewhere, or when there is no descriptor left to look with.
  static var resident: Int? {
    guard let status = TextFile.read("/proc/self/status") else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
