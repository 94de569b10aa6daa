import Amy
import AmySockets
import AmyStreams

/// A client that waits for the events it asks for.
final class Guest {
  let stream: UnixStream
  private(set) var lines = LineReader(limit: 1 << 21, budget: 1 << 16)
  private var isAtEnd = false
  private let poller: Poller
  private let id: Event.ID
  private var events = EventBuffer()

  init(_ endpoint: Endpoint, _ poller: Poller) throws(PollerError) {
    stream = try UnixStream(connectingTo: endpoint)
    self.poller = poller
    id = try poller.registrar.register(stream, for: .none)
  }

  /// Waits for an interest; nil if that takes too long.
  func wait(for interest: Interest) throws(PollerError) -> Readiness? {
    try poller.registrar.reregister(stream, as: id, for: interest, trigger: .once)
    try poller.wait(into: &events, timeout: .seconds(30))
    return events.count == 1 && events[0].id == id ? events[0].readiness : nil
  }

  func send(_ bytes: [UInt8]) throws(PollerError) {
    var sent = 0
    while sent < bytes.count {
      switch try stream.write(bytes[sent...]) {
      case .bytes(let count): sent += count
      case .wouldBlock: if try wait(for: .writable) == nil { throw PollerError(.timedOut) }
      }
    }
  }

  func say(_ line: String) throws(PollerError) {
    try send(Array("\(line)\n".utf8))
  }

  /// The next line; nil at the end.
  func hear() throws -> String? {
    while true {
      if try lines.nextOrRest() { return try lines.string() }
      if isAtEnd { return nil }
      let progress = try lines.read(from: stream)
      isAtEnd = progress.isAtEnd
      if progress == ReadProgress(bytes: 0, state: .wouldBlock), try wait(for: .readable) == nil {
        throw PollerError(.timedOut)
      }
    }
  }

  /// Reads to a line with this prefix, and returns it; nil at the end.
  @discardableResult
  func hear(_ prefix: String) throws -> String? {
    while let line = try hear() {
      if line.hasPrefix(prefix) { return line }
    }
    return nil
  }
}
