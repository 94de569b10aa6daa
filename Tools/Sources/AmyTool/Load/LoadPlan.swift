internal import Amy
internal import AmySockets

/// The generator's work.
struct LoadPlan: Sendable {
  let endpoint: Endpoint
  let connections: Int
  /// How long requests are sent, once all are connected.
  let duration: Duration
  /// A request's bytes.
  let size: Int
  let threads: Int
  let wire: LoadProtocol
  /// The interval between a connection's requests; nil to send after the last echo.
  let every: Duration?
  /// Six letters for names unique to this generator.
  let tag = String((0..<6).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...122))) })

  /// The maximum of concurrent connects of all threads.
  ///
  /// It is below nearly any server's backlog: the kernel answers further connects with silence.
  static var connectsUnderWay: Int { 64 }

  /// The limit for all connects together.
  var connectLimit: Duration { .seconds(10) + .milliseconds(connections) }

  /// The wait for the last echoes.
  static var lastEchoLimit: Duration { .seconds(10) }

  func share(of thread: Int) -> StrideTo<Int> {
    stride(from: thread, to: connections, by: threads)
  }

  /// The members of a chat room, or up to twice as many less one.
  static var roomSize: Int { 10 }

  struct Place: Sendable {
    let number: Int
    /// Of all members' names, before the number.
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

  /// Returns a connection's place.
  ///
  /// A room belongs to one thread, which is done when none of its clients waits.
  func place(of number: Int) -> Place {
    let members = (connections - number % threads + threads - 1) / threads
    let rooms = max(1, members / Self.roomSize)
    let room = number / threads % rooms
    return Place(
      number: number, prefix: "\(tag)n", room: "\(tag)r\(number % threads)x\(room)",
      roomSize: (members - room + rooms - 1) / rooms, threads: threads, rooms: rooms)
  }

  /// Returns a connection's source address.
  ///
  /// A loopback address has some 28,000 ports for connections to one server; others of the 16 million take a share of many.
  func source(of connection: Int) -> Endpoint? {
    let portsOfAddress = 20_000
    guard connections > portsOfAddress, endpoint.addressBytes?.first == 127, endpoint.family == .ipv4 else { return nil }
    let address = 2 + connection / portsOfAddress
    return .ipv4(127, 0, UInt8(truncatingIfNeeded: address >> 8), UInt8(truncatingIfNeeded: address), port: 0)
  }
}
