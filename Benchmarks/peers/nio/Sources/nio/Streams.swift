import AmyStreams
import NIOCore
import NIOEmbedded
import NIOExtras

/// 32-byte lines and 64-byte frames out of chunks of 64 KiB, with AmyStreams or with SwiftNIO's decoders.
///
/// SwiftNIO's run in a ByteToMessageHandler in an EmbeddedChannel, followed by a handler that counts.
struct Streams {
  private static let chunkCount = 64 * 1024
  private let areLines: Bool
  private let chunk: [UInt8]
  private let chunks: Int

  init(ofLines areLines: Bool, chunks: Int) {
    self.areLines = areLines
    self.chunks = chunks
    let item = areLines ? [UInt8](repeating: 97, count: 31) + [10] : [0, 0, 0, 60] + [UInt8](repeating: 97, count: 60)
    chunk = Array(repeatElement(item, count: Self.chunkCount / item.count).joined())
  }

  func run(by library: String) throws {
    let start = Usage.now
    let count =
      switch (library, areLines) {
      case ("amy", true): try amyLines()
      case ("amy", false): try amyFrames()
      case (_, true): try nioItems(ByteToMessageHandler(LineBasedFrameDecoder()))
      case (_, false): try nioItems(ByteToMessageHandler(LengthFieldBasedFrameDecoder(lengthFieldBitLength: .fourBytes)))
      }
    precondition(count == chunks * Self.chunkCount / (areLines ? 32 : 64))
    start.printSince(operations: count)
  }

  private func amyLines() throws -> Int {
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

  private func amyFrames() throws -> Int {
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

  private func nioItems(_ decoder: some ChannelHandler) throws -> Int {
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
