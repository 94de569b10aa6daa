import NIOCore

/// Counts items, and drops them.
final class Counter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  var count = 0

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    count += unwrapInboundIn(data).readableBytes > 0 ? 1 : 0
  }
}
