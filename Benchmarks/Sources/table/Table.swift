import Amy
import Glibc

// Looks up 10,000 ids in an event table, ROUNDS times, to count instructions.
//
//     table ROUNDS [each|empty]
//
// "each" iterates over all instead; "empty" clears an empty table of that capacity.

@main
struct Table {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard (2...3).contains(arguments.count), let rounds = Int(arguments[1]) else {
      print("usage: table ROUNDS [each|empty]")
      exit(64)
    }
    let registrar = try Poller().registrar
    var table = EventTable<Int>()
    let ids = (0..<10_000).map { _ in registrar.reserveID() }
    for id in ids { table.insert(0, for: id) }
    switch arguments.last {
    case "each": for _ in 0..<rounds { table.forEach { _, value in value &+= 1 } }
    case "empty":
      table.removeAll()
      for _ in 0..<rounds { table.removeAll() }
    default: lookUp(ids, in: &table, rounds)
    }
    var sum = 0
    table.forEach { _, value in sum += value }
    print(sum)
  }

  @inline(never)
  static func lookUp(_ ids: [Event.ID], in table: inout EventTable<Int>, _ rounds: Int) {
    for _ in 0..<rounds {
      for id in ids { table.withValue(for: id) { $0 &+= 1 } }
    }
  }
}
