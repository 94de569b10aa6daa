internal import Amy
internal import AmySockets

/// The work of the generator.
struct LoadPlan: Sendable {
  let endpoint: Endpoint
  let connections: Int
  /// How long requests are sent, after all connections are made.
  let duration: Duration
  /// The size of a request in bytes.
  let size: Int
  let threads: Int
  /// The protocol.
  let wire: LoadProtocol
  /// The interval between the requests of a connection; nil sends the next one as soon as the last echo has arrived.
  let every: Duration?
  /// Six letters that make names unique to this generator.
  let tag = String((0..<6).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...122))) })

  /// The maximum of concurrent connects, over all threads.
  ///
  /// It is less than the backlog of nearly any server: the kernel answers connects that do not fit with silence.
  static var connectsUnderWay: Int { 64 }

  /// The limit for connecting all together.
  var connectLimit: Duration { .seconds(10) + .milliseconds(connections) }

  /// How long to wait for the last echoes.
  static var lastEchoLimit: Duration { .seconds(10) }

  /// Returns the numbers of one thread's connections.
  func share(of thread: Int) -> StrideTo<Int> {
    stride(from: thread, to: connections, by: threads)
  }

  /// The number of members of a chat room; a room may have up to twice as many less one.
  static var roomSize: Int { 10 }

  /// The name and the chat room of a connection.
  struct Place: Sendable {
    let number: Int
    /// The prefix of all members' names; the number follows.
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

  /// Returns the place of a connection.
  ///
  /// A room belongs to one thread, so that a thread is done when none of its own clients waits.
  func place(of number: Int) -> Place {
    let members = (connections - number % threads + threads - 1) / threads
    let rooms = max(1, members / Self.roomSize)
    let room = number / threads % rooms
    return Place(
      number: number, prefix: "\(tag)n", room: "\(tag)r\(number % threads)x\(room)",
      roomSize: (members - room + rooms - 1) / rooms, threads: threads, rooms: rooms)
  }

  /// Returns the source address of a connection.
  ///
  /// One loopback address has some 28,000 ports for all connections to one server. With many connections, others of the 16
  /// million loopback addresses take a share.
  func source(of connection: Int) -> Endpoint? {
    let portsOfAddress = 20_000
    guard connections > portsOfAddress, endpoint.addressBytes?.first == 127, endpoint.family == .ipv4 else { return nil }
    let address = 2 + connection / portsOfAddress
    return .ipv4(127, 0, UInt8(truncatingIfNeeded: address >> 8), UInt8(truncatingIfNeeded: address), port: 0)
  }
}
