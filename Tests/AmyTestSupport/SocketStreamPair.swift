import Amy
import AmySockets
import AmyThreads
import SystemPackage

/// Two connected Unix sockets.
final class SocketStreamPair: StreamPair {
  let near: FileDescriptor
  let far: FileDescriptor
  private let ends: Monitor<[FileDescriptor: End]>

  private final class End: Sendable {
    let stream: UnixStream
    init(_ stream: consuming UnixStream) { self.stream = stream }
  }

  init() throws(PollerError) {
    let pair = try UnixStream.pair()
    near = pair.first.fileDescriptor
    far = pair.second.fileDescriptor
    ends = Monitor([near: End(pair.first), far: End(pair.second)])
  }

  func write(_ count: Int, to end: FileDescriptor) throws -> Int {
    let bytes = [UInt8](repeating: 7, count: count)
    return if case .bytes(let written) = try open(end).stream.write(bytes) { written } else { 0 }
  }

  func read(_ count: Int, from end: FileDescriptor) throws -> Int? {
    var bytes: [UInt8] = []
    return switch try open(end).stream.read(appendingTo: &bytes, atMost: count) {
    case .bytes(let count): count
    case .closed: 0
    case .wouldBlock: nil
    }
  }

  func shutDownWriting(_ end: FileDescriptor) throws {
    try open(end).stream.shutdown(.writing)
  }

  func close(_ end: FileDescriptor) throws {
    ends.withLock { $0[end] = nil }
  }

  private func open(_ end: FileDescriptor) throws(PollerError) -> End {
    guard let end = ends.withLock({ $0[end] }) else { throw PollerError(.badDescriptor) }
    return end
  }
}
