/// This process's resident memory, if reported as on Linux.
enum ProcessMemory {
  /// In bytes; nil on other systems or without a descriptor for the check.
  static var resident: Int? {
    guard let status = TextFile.read("/proc/self/status") else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
