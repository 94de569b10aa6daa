import Amy

// Every operation of which the documentation says how many system calls it makes, or whether it allocates, once: to be counted
// by `Benchmarks/costs`. It is done twice, and the second time counts: the first sets up what is there once in a process.
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
