import Glibc

/// Ends the program with what it takes.
package func endWithUsage(_ usage: String) -> Never {
  print("usage: \(usage)")
  exit(64)
}

/// The numbers among a program's arguments, from a position on.
package func numbers(from position: Int) -> [Int] {
  CommandLine.arguments.dropFirst(position).compactMap { Int($0) }
}

/// Lets this process have as many descriptors as it may.
package func raiseDescriptorLimit() {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
