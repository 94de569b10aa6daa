import Amy
import Glibc

// Looks 10,000 ids up in an event table, so many times over, for counting instructions.
//
//     table ROUNDS

@main
struct Table {
  static func main() throws {
    guard CommandLine.arguments.count == 2, let rounds = Int(CommandLine.arguments[1]) else {
      print("usage: table ROUNDS")
      exit(64)
    }
    let registrar = try Poller().registrar
    var table = EventTable<Int>()
    let ids = (0..<10_000).map { _ in registrar.reserveID() }
    for id in ids { table.insert(0, for: id) }
    for _ in 0..<rounds {
      for id in ids { table.withValue(for: id) { $0 &+= 1 } }
    }
    var sum = 0
    table.forEach { _, value in sum += value }
    print(sum)
  }
}
