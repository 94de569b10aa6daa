import Glibc

// What an operation costs is bracketed by two writes to no descriptor: strace shows them among the system calls, with what is
// expected and how often malloc was called. `Benchmarks/costs` reads it.

private let allocationCount: (@convention(c) () -> UInt)? = {
  guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "malloc_counter_count") else { return nil }
  return unsafeBitCast(symbol, to: (@convention(c) () -> UInt).self)
}()

nonisolated(unsafe) private var allocations: UInt = 0

private func mark(_ text: String) {
  let bytes = Array(text.utf8)
  _ = bytes.withUnsafeBytes { write(-1, $0.baseAddress, $0.count) }
}

/// Here begins an operation: so many system calls and allocations are expected of it.
///
/// Nil allocations are not counted.
func begin(_ name: String, calls: Int, allocations expected: Int? = 0) {
  mark("begin|\(name)|\(calls)|\(expected.map(String.init) ?? "-")|")
  allocations = allocationCount?() ?? 0
}

/// Here it ends.
func end() {
  let count = (allocationCount?() ?? 0) - allocations
  mark("end|\(count)|")
}
