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
