import Amy

// Runs each operation whose system calls or allocations the documentation states, for `Benchmarks/costs` to count. Of two runs
// the second counts: the first sets up what exists once per process.
//
//     costs

@main
struct Costs {
  static func main() throws {
    begin("make the first poller", calls: 5, allocations: nil)
    let first = try Poller()
    end()
    for _ in 0..<2 {
      try pollers()
      try registrations()
      try timers()
      try messages()
      try processes()
      try tables()
      try tcp()
      try unix()
      try datagrams()
      try adoptions()
      try endpoints()
      try framing()
      try streams()
      try threads()
    }
    try sleepers()
    first.close()
  }
}
