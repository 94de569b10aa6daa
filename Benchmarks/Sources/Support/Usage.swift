import Glibc

/// The wall-clock and CPU time of a part of a program.
package struct Usage {
  let wall: UInt64
  let processor: UInt64

  package static var now: Usage {
    Usage(wall: read(CLOCK_MONOTONIC), processor: read(CLOCK_PROCESS_CPUTIME_ID))
  }

  /// Prints the time per operation for `Benchmarks/run`.
  package func printSince(operations: Int) {
    let now = Usage.now
    let count = Double(max(operations, 1))
    print("wall=\(Double(now.wall - wall) / count) cpu=\(Double(now.processor - processor) / count)")
  }

  /// In nanoseconds.
  package func processorTime(until later: Usage) -> UInt64 { later.processor - processor }

  /// The wall-clock time.
  package var nanosecondsSince: UInt64 { Usage.now.wall - wall }

  /// The process's peak memory in KiB.
  package static var peakMemory: Int {
    guard let status = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(status) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, CInt(line.count), status) != nil {
      let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(whereSeparator: \.isWhitespace)
      if words.first == "VmHWM:" { return Int(words[1]) ?? 0 }
    }
    return 0
  }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
