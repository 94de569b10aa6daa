import Glibc

// The same work as the other peers', with SwiftNIO as its documentation recommends.
//
//     nio lines|frames amy|nio CHUNKS
//     nio timers timed N
//     nio messages count|throughput|trips FIRST SECOND
//     nio stream SENDERS COUNT              AsyncStream, instead of messages
//     nio echo PORT

@main
struct Peer {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    let numbers = arguments.compactMap { Int($0) }
    switch (arguments.first, numbers.count) {
    case ("lines", 1), ("frames", 1):
      try Streams(ofLines: arguments.first == "lines", chunks: numbers[0]).run(by: arguments.dropFirst().first ?? "")
    case ("timers", 1): try Timers(count: numbers[0]).run()
    case ("messages", 2): try Messages.run(arguments.dropFirst().first ?? "", numbers[0], numbers[1])
    case ("stream", 2): await AsyncMessages.run(senders: numbers[0], count: numbers[1])
    case ("echo", 1): try Echo.serve(port: numbers[0])
    default: exit(64)
    }
  }
}
