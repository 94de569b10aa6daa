import Glibc

package func endWithUsage(_ usage: String) -> Never {
  print("usage: \(usage)")
  exit(64)
}

/// Returns the numbers among the arguments from a position on.
package func numbers(from position: Int) -> [Int] {
  CommandLine.arguments.dropFirst(position).compactMap { Int($0) }
}

/// Raises the descriptor limit to its maximum.
package func raiseDescriptorLimit() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
