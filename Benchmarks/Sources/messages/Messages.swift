import Amy
import Support

// Sends numbers through an unlimited channel, and receives them through a poller's wait.
//
//     messages count BURSTS SIZE            one thread sends SIZE at a time, waits, and receives them
//     messages single BURSTS SIZE           sends SIZE at a time, and receives them one by one
//     messages asleep ROUNDS SIZE           sends SIZE to a sleeping poller, which checks again when all are sent
//     messages throughput SENDERS COUNT     SENDERS threads send COUNT in total into a waiting poller
//     messages trips ROUNDS MICROSECONDS    there and back between two pollers on two threads, which spin that long before
//                                           they sleep

@main
struct Messages {
  static func main() throws {
    let parameters = numbers(from: 2)
    guard CommandLine.arguments.count == 4, parameters.count == 2 else { usage() }
    switch CommandLine.arguments[1] {
    case "count": try count(bursts: parameters[0], size: parameters[1])
    case "single": try single(bursts: parameters[0], size: parameters[1])
    case "asleep": try Asleep().run(rounds: parameters[0], size: parameters[1])
    case "throughput": try throughput(senders: parameters[0], count: parameters[1])
    case "trips": try RoundTrips(spinning: .microseconds(parameters[1])).run(parameters[0])
    default: usage()
    }
  }

  static func usage() -> Never {
    endWithUsage(
      "messages count BURSTS SIZE | single BURSTS SIZE | asleep ROUNDS SIZE | throughput SENDERS COUNT | trips ROUNDS MICROSECONDS"
    )
  }

  static func count(bursts: Int, size: Int) throws {
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    var events = EventBuffer()
    var sum = 0
    for _ in 0..<bursts {
      for number in 0..<size { _ = sender.send(number) }
      try poller.wait(into: &events)
      for index in events.indices where events[index].id == receiver.id { receiver.receiveAll { sum &+= $0 } }
    }
    precondition(sum == bursts * (size * (size - 1) / 2), "a message was lost")
  }

  static func single(bursts: Int, size: Int) throws {
    let (sender, receiver) = try makeChannel(of: Int.self)
    var sum = 0
    for _ in 0..<bursts {
      for number in 0..<size { _ = sender.send(number) }
      while case .message(let number) = receiver.tryReceive() { sum &+= number }
    }
    precondition(sum == bursts * (size * (size - 1) / 2), "a message was lost")
  }

  static func throughput(senders: Int, count: Int) throws {
    let poller = try Poller()
    let (sender, receiver) = try poller.registrar.makeChannel(of: Int.self)
    let share = count / senders
    let start = Usage.now
    let threads = (0..<senders).map { _ in
      Thread { for number in 0..<share { _ = sender.send(number) } }
    }
    var events = EventBuffer()
    var received = 0
    while received < share * senders {
      try poller.wait(into: &events)
      for index in events.indices where events[index].id == receiver.id { receiver.receiveAll { _ in received &+= 1 } }
    }
    start.printSince(operations: received)
    for thread in threads { thread.join() }
  }
}
