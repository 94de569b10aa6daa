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
