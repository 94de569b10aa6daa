/// An encoder of frames: payloads preceded by their length.
///
/// ```swift
/// let encoder = FrameEncoder()
/// try encoder.append(payload, to: &queue)
/// ```
///
/// Prefix and payload are written together or not at all. Empty payloads are legal.
public struct FrameEncoder: Hashable, Sendable {
  /// The encoding of lengths.
  public let format: FrameFormat

  /// Creates an encoder for a format.
  public init(format: FrameFormat = FrameFormat()) {
    self.format = format
  }

  /// Returns the frame's size for a payload of `count` bytes.
  ///
  /// Throws ``FrameEncodingError/tooLong(count:)``, also for a negative count.
  public func encodedCount(forPayloadOf count: Int) throws(FrameEncodingError) -> Int {
    try header(forPayloadOf: count).count + count
  }

  /// Queues a frame.
  ///
  /// Copies the payload. Throws ``FrameEncodingError/tooLong(count:)``, ``FrameEncodingError/queueFull(_:)``.
  public func append(_ payload: Span<UInt8>, to queue: inout OutputQueue) throws(FrameEncodingError) {
    let header = try header(forPayloadOf: payload.count)
    do throws(OutputQueueError) {
      try queue.append(addingCapacity: header.count + payload.count) { room in
        header.write(to: &room, format: format)
        room.append(copying: payload)
      }
    } catch {
      throw .queueFull(error)
    }
  }

  /// Queues a frame, without copying a payload of ``OutputQueue/keptCount`` bytes or more.
  ///
  /// Throws as for a span.
  public func append(_ payload: [UInt8], to queue: inout OutputQueue) throws(FrameEncodingError) {
    guard payload.count >= OutputQueue.keptCount else { return try append(payload.span, to: &queue) }
    let header = try header(forPayloadOf: payload.count)
    do throws(OutputQueueError) {
      try queue.checkRoom(for: header.count + payload.count)
      try queue.append(addingCapacity: header.count) { room in header.write(to: &room, format: format) }
      try queue.append(payload)
    } catch {
      throw .queueFull(error)
    }
  }

  /// Appends a frame to an array.
  ///
  /// Throws ``FrameEncodingError/tooLong(count:)``.
  public func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) throws(FrameEncodingError) {
    let header = try header(forPayloadOf: payload.count)
    bytes.append(addingCapacity: header.count + payload.count) { room in
      header.write(to: &room, format: format)
      room.append(copying: payload)
    }
  }

  /// Appends a frame to an output span.
  ///
  /// Allocates nothing. Throws ``FrameEncodingError/tooLong(count:)``, ``FrameEncodingError/noRoom(needed:free:)``.
  public func append(_ payload: Span<UInt8>, to room: inout OutputSpan<UInt8>) throws(FrameEncodingError) {
    let header = try header(forPayloadOf: payload.count)
    let needed = header.count + payload.count
    guard needed <= room.freeCapacity else { throw .noRoom(needed: needed, free: room.freeCapacity) }
    header.write(to: &room, format: format)
    room.append(copying: payload)
  }

  private func header(forPayloadOf count: Int) throws(FrameEncodingError) -> FrameHeader {
    guard count >= 0, let header = FrameHeader(forPayloadOf: UInt64(count), format: format),
      header.count <= Int.max - count
    else {
      throw .tooLong(count: count)
    }
    return header
  }
}
