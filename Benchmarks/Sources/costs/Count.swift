import Glibc

// Two writes to no descriptor bracket an operation: strace shows them with the expected counts and the malloc calls, for
// `Benchmarks/costs`.

private let allocationCount: (@convention(c) () -> UInt)? = {
  guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "malloc_counter_count") else { return nil }
  return unsafeBitCast(symbol, to: (@convention(c) () -> UInt).self)
}()

nonisolated(unsafe) private var allocations: UInt = 0

private func mark(_ text: String) {
  let bytes = Array(text.utf8)
  _ = bytes.withUnsafeBytes { write(-1, $0.baseAddress, $0.count) }
}

/// Begins an operation, with the expected system calls and allocations; nil allocations are not counted.
func begin(_ name: String, calls: Int, allocations expected: Int? = 0) {
  mark("begin|\(name)|\(calls)|\(expected.map(String.init) ?? "-")|")
  allocations = allocationCount?() ?? 0
}

func end() {
  let count = (allocationCount?() ?? 0) - allocations
  mark("end|\(count)|")
}
