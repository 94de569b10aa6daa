internal import Amy
internal import AmySockets

/// What the generator is to do.
struct LoadPlan: Sendable {
  let endpoint: Endpoint
  let connections: Int
  /// How long requests are sent, after all connections are made.
  let duration: Duration
  /// The bytes of a request.
  let size: Int
  let threads: Int
  /// What to say to the server.
  let wire: LoadProtocol
  /// How long after a request a connection sends the next one; nil is as soon as the last one's echo has come.
  let every: Duration?
  /// For names that no other generator has: six letters.
  let tag = String((0..<6).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...122))) })

  /// The most connects under way at a time, over all threads: less than the backlog of nearly any server, since the kernel
  /// answers who does not fit with silence.
  static var connectsUnderWay: Int { 64 }

  /// How long all connecting together may take.
  var connectLimit: Duration { .seconds(10) + .milliseconds(connections) }

  /// How long to wait for the last echoes.
  static var lastEchoLimit: Duration { .seconds(10) }

  /// The connections of one thread, by number.
  func share(of thread: Int) -> StrideTo<Int> {
    stride(from: thread, to: connections, by: threads)
  }

  /// How many members a chat room has, or up to twice as many less one.
  static var roomSize: Int { 10 }

  /// Who a connection is, and in which room of the chat.
  struct Place: Sendable {
    let number: Int
    /// What the names of all members begin with; the number follows.
    let prefix: String
    let room: String
    let roomSize: Int
    fileprivate let threads: Int
    fileprivate let rooms: Int
    var name: String { "\(prefix)\(number)" }

    func isInRoom(_ other: Int) -> Bool {
      other % threads == number % threads && other / threads % rooms == number / threads % rooms
    }
  }

  /// Rooms are of one thread each, so that a thread is done when nobody of its own waits any more.
  func place(of number: Int) -> Place {
    let members = (connections - number % threads + threads - 1) / threads
    let rooms = max(1, members / Self.roomSize)
    let room = number / threads % rooms
    return Place(
      number: number, prefix: "\(tag)n", room: "\(tag)r\(number % threads)x\(room)",
      roomSize: (members - room + rooms - 1) / rooms, threads: threads, rooms: rooms)
  }

  /// Where a connection comes from.
  ///
  /// One loopback address has some 28,000 ports for all connections to one server: with many, others of the 16 million loopback
  /// addresses take their part.
  func source(of connection: Int) -> Endpoint? {
    let portsOfAddress = 20_000
    guard connections > portsOfAddress, endpoint.addressBytes?.first == 127, endpoint.family == .ipv4 else { return nil }
    let address = 2 + connection / portsOfAddress
    return .ipv4(127, 0, UInt8(truncatingIfNeeded: address >> 8), UInt8(truncatingIfNeeded: address), port: 0)
  }
}
