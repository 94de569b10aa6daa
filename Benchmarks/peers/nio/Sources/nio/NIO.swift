import AmyFraming
import NIOCore
import NIOEmbedded
import NIOExtras

// 32-byte lines and 64-byte frames from chunks of 64 KiB: AmyFraming and SwiftNIO's decoders over the same bytes, in turn, five
// times; the fastest of each is printed. SwiftNIO's run in a ByteToMessageHandler in an EmbeddedChannel, with a handler behind
// them that counts.
//
//     nio lines|frames CHUNKS

@main
struct Peers {
  static let chunkCount = 64 * 1024

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let chunks = Int(arguments[2]), chunks > 0, ["lines", "frames"].contains(arguments[1]) else {
      print("usage: nio lines|frames CHUNKS")
      return
    }
    let areLines = arguments[1] == "lines"
    let item = areLines ? [UInt8](repeating: 97, count: 31) + [10] : [0, 0, 0, 60] + [UInt8](repeating: 97, count: 60)
    let chunk = Array(repeatElement(item, count: chunkCount / item.count).joined())
    var best = (amy: Double.infinity, nio: Double.infinity)
    for _ in 0..<5 {
      let amy = try time(chunks * chunkCount / item.count) {
        areLines ? try amyLines(chunk, chunks) : try amyFrames(chunk, chunks)
      }
      let nio = try time(chunks * chunkCount / item.count) {
        areLines
          ? try nioItems(ByteToMessageHandler(LineBasedFrameDecoder()), chunk, chunks)
          : try nioItems(ByteToMessageHandler(LengthFieldBasedFrameDecoder(lengthFieldBitLength: .fourBytes)), chunk, chunks)
      }
      best = (min(best.amy, amy), min(best.nio, nio))
    }
    for (name, nanoseconds) in [("AmyFraming", best.amy), ("SwiftNIO", best.nio)] {
      print("\(name): \(nanoseconds) ns each, \(Int(Double(item.count) / nanoseconds * 1000)) MB/s")
    }
    print("SwiftNIO takes \(best.nio / best.amy) times as long")
  }

  /// Nanoseconds for each item; all of them must have been decoded.
  static func time(_ items: Int, _ body: () throws -> Int) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let count = try body()
    let duration = clock.now - start
    precondition(count == items)
    return duration / .nanoseconds(1) / Double(items)
  }

  static func amyLines(_ chunk: [UInt8], _ chunks: Int) throws -> Int {
    var decoder = LineDecoder(limit: 1024)
    var (count, bytes) = (0, 0)
    for _ in 0..<chunks {
      decoder.append(chunk)
      while try decoder.next() {
        count += 1
        bytes += decoder.withBytes { $0.count }
      }
    }
    precondition(bytes == 31 * count)
    return count
  }

  static func amyFrames(_ chunk: [UInt8], _ chunks: Int) throws -> Int {
    var decoder = FrameDecoder(limit: 1024)
    var (count, bytes) = (0, 0)
    for _ in 0..<chunks {
      decoder.append(chunk)
      while try decoder.next() {
        count += 1
        bytes += decoder.withBytes { $0.count }
      }
    }
    precondition(bytes == 60 * count)
    return count
  }

  static func nioItems(_ decoder: some ChannelHandler, _ chunk: [UInt8], _ chunks: Int) throws -> Int {
    let counter = Counter()
    let channel = EmbeddedChannel()
    try channel.pipeline.syncOperations.addHandler(decoder)
    try channel.pipeline.syncOperations.addHandler(counter)
    let buffer = ByteBuffer(bytes: chunk)
    for _ in 0..<chunks { try channel.writeInbound(buffer) }
    _ = try channel.finish(acceptAlreadyClosed: true)
    return counter.count
  }
}

/// Counts items, and lets them go.
final class Counter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  var count = 0

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    count += unwrapInboundIn(data).readableBytes > 0 ? 1 : 0
  }
}
