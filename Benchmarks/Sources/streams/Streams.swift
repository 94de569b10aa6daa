import AmyStreams
import Glibc

// Decodes 32-byte lines or 64-byte frames, including delimiter and prefix, from chunks of 64 KiB; counts and times them.
//
//     streams lines|crlf|frames|varint|queue CHUNKS
//
// Or one line of KIBIBYTES byte by byte, or KIBIBYTES times 1024 lines of one byte in one append:
//
//     streams long|short KIBIBYTES
//
// Or WRITES writes of a byte from a queue of SEGMENTS segments, three eighths of them consumed:
//
//     streams slow SEGMENTS WRITES

@main
struct Streams {
  static let chunkCount = 64 * 1024

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 2, let chunks = Int(arguments[arguments.count - 1]), chunks > 0 else { usage() }
    guard arguments.count == (arguments[1] == "slow" ? 4 : 3) else { usage() }
    let clock = ContinuousClock()
    let start = clock.now
    let (items, bytes) = try run(arguments[1], chunks)
    let nanoseconds = Double((clock.now - start) / .nanoseconds(1))
    let megabytes = Double(bytes) / nanoseconds * 1000
    print("\(arguments[1]): \(items) of them, \(nanoseconds / Double(items)) ns each, \(Int(megabytes)) MB/s")
  }

  static func usage() -> Never {
    print("usage: streams lines|crlf|frames|varint|queue CHUNKS, or streams long|short KIBIBYTES")
    print("       streams slow SEGMENTS WRITES")
    exit(64)
  }

  static func run(_ what: String, _ chunks: Int) throws -> (items: Int, bytes: Int) {
    switch what {
    case "lines": try lines([UInt8](repeating: 97, count: 31) + [10], .newline, chunks)
    case "crlf": try lines([UInt8](repeating: 97, count: 30) + [13, 10], .carriageReturnLineFeed, chunks)
    case "frames": try frames([0, 0, 0, 60] + [UInt8](repeating: 97, count: 60), FrameFormat(), chunks)
    case "varint": try frames([63] + [UInt8](repeating: 97, count: 63), FrameFormat(prefix: .varint), chunks)
    case "queue": try queue(chunks)
    case "long": try long(1024 * chunks)
    case "short": try short(1024 * chunks)
    case "slow": try slow(Int(CommandLine.arguments[2]) ?? 0, chunks)
    default: usage()
    }
  }

  static func chunk(of item: [UInt8]) -> [UInt8] {
    Array(repeatElement(item, count: chunkCount / item.count).joined())
  }

  static func lines(_ line: [UInt8], _ delimiter: LineDelimiter, _ chunks: Int) throws -> (Int, Int) {
    let chunk = chunk(of: line)
    var decoder = LineDecoder(delimiter: delimiter, limit: 1024)
    var (count, bytes) = (0, 0)
    for _ in 0..<chunks {
      decoder.append(chunk)
      while try decoder.next() {
        count += 1
        bytes += decoder.withBytes { $0.count }
      }
    }
    precondition(bytes > 0)
    return (count, chunks * chunkCount)
  }

  static func frames(_ frame: [UInt8], _ format: FrameFormat, _ chunks: Int) throws -> (Int, Int) {
    let chunk = chunk(of: frame)
    var decoder = FrameDecoder(format: format, limit: 1024)
    var (count, bytes) = (0, 0)
    for _ in 0..<chunks {
      decoder.append(chunk)
      while try decoder.next() {
        count += 1
        bytes += decoder.withBytes { $0.count }
      }
    }
    precondition(bytes > 0)
    return (count, chunks * chunkCount)
  }

  /// Decodes a line byte by byte: each is an item.
  static func long(_ bytes: Int) throws -> (Int, Int) {
    var decoder = LineDecoder(limit: bytes)
    for _ in 0..<bytes {
      decoder.append(addingCapacity: 1) { $0.append(97) }
      if try decoder.next() { usage() }
    }
    guard try decoder.finish(), decoder.withBytes({ $0.count }) == bytes else { usage() }
    return (bytes, bytes)
  }

  /// Decodes lines of one byte from one append.
  static func short(_ lines: Int) throws -> (Int, Int) {
    var decoder = LineDecoder(limit: 1)
    decoder.append(addingCapacity: 2 * lines) { room in
      for _ in 0..<lines {
        room.append(97)
        room.append(10)
      }
    }
    var count = 0
    while try decoder.next() { count += 1 }
    return (count, 2 * lines)
  }

  /// Like a vectored write, and a stream that takes a span at a time: each reads the segments that it gets.
  static func slow(_ segments: Int, _ writes: Int) throws -> (Int, Int) {
    let segment = [UInt8](repeating: 97, count: 1024)
    var queue = OutputQueue(limit: max(1, segments) * 1024)
    for _ in 0..<segments { try queue.append(segment) }
    queue.removeFirst(segments * 3 / 8 * 1024)
    var lent = 0
    for _ in 0..<writes {
      queue.forEachSegment(atMost: 1) { lent += $0.count }
      queue.withSegments { segments, _ in for segment in segments { lent += segment.count } }
      queue.removeFirst(1)
    }
    precondition(lent > 0)
    return (writes, writes)
  }

  /// Queues a chunk's number of 64-byte frames, and takes them out in two parts.
  static func queue(_ chunks: Int) throws -> (Int, Int) {
    let payload = [UInt8](repeating: 97, count: 60)
    let encoder = FrameEncoder()
    var queue = OutputQueue(limit: chunkCount)
    for _ in 0..<chunks {
      for _ in 0..<chunkCount / 64 { try encoder.append(payload, to: &queue) }
      queue.removeFirst(1001)
      queue.removeFirst(queue.count)
    }
    return (chunks * (chunkCount / 64), chunks * chunkCount)
  }
}
