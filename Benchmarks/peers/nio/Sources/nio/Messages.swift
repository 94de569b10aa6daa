import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Messages to an event loop are closures for it to execute.
enum Messages {
  static func run(_ what: String, _ first: Int, _ second: Int) throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let (here, there) = (group.next(), group.next())
    switch what {
    case "count":
      // From the main thread, in bursts; the loop has handled one burst before the next.
      for _ in 0..<first {
        for _ in 0..<second { here.execute {} }
        try here.submit {}.wait()
      }
    case "throughput":
      let share = second / first
      let start = Usage.now
      let done = NIOLockedValueBox(0)
      let promise = here.makePromise(of: Void.self)
      let senders = MultiThreadedEventLoopGroup(numberOfThreads: first)
      for _ in 0..<first {
        senders.next().execute {
          for _ in 0..<share {
            here.execute {
              let count = done.withLockedValue {
                $0 += 1; return $0
              }
              if count == share * first { promise.succeed() }
            }
          }
        }
      }
      try promise.futureResult.wait()
      start.printSince(operations: share * first)
    default:
      let start = Usage.now
      let promise = here.makePromise(of: Void.self)
      here.execute { trip(first, here, there, promise) }
      try promise.futureResult.wait()
      start.printSince(operations: first)
    }
  }

  private static func trip(_ left: Int, _ here: any EventLoop, _ there: any EventLoop, _ promise: EventLoopPromise<Void>) {
    if left == 0 { return promise.succeed() }
    there.execute { here.execute { trip(left - 1, here, there, promise) } }
  }
}

/// The same over the language's own stream.
enum AsyncMessages {
  static func run(senders: Int, count: Int) async {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    let share = count / senders
    let start = Usage.now
    for _ in 0..<senders {
      Task.detached { for number in 0..<share { continuation.yield(number) } }
    }
    var received = 0
    for await _ in stream {
      received += 1
      if received == share * senders { break }
    }
    start.printSince(operations: received)
  }
}
