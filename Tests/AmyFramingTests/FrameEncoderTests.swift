import AmyStreams
import Testing

@Suite("A frame encoder")
struct FrameEncoderTests {
  @Test(
    "writes the expected bytes for a payload of two",
    arguments: [
      (FrameFormat(), [0, 0, 0, 2]),
      (FrameFormat(byteOrder: .littleEndian), [2, 0, 0, 0]),
      (FrameFormat(counting: .frame), [0, 0, 0, 6]),
      (FrameFormat(prefix: .oneByte), [2]),
      (FrameFormat(prefix: .twoBytes, byteOrder: .littleEndian, counting: .frame), [4, 0]),
      (FrameFormat(prefix: .eightBytes), [0, 0, 0, 0, 0, 0, 0, 2]),
      (FrameFormat(prefix: .varint), [2]),
      (FrameFormat(prefix: .varint, counting: .frame), [3]),
    ] as [(FrameFormat, [UInt8])])
  func examples(_ format: FrameFormat, _ prefix: [UInt8]) throws {
    let encoder = FrameEncoder(format: format)
    let payload = bytes("ok")
    var array = bytes(">")
    try encoder.append(payload.span, to: &array)
    #expect(array == bytes(">") + prefix + payload)

    let span = try [UInt8](capacity: 20) { room throws(FrameEncodingError) in try encoder.append(payload.span, to: &room) }
    #expect(span == prefix + payload)

    var queue = OutputQueue(limit: 20)
    try encoder.append(payload.span, to: &queue)
    try encoder.append(payload, to: &queue)
    let queued = queue.contents
    #expect(queued == prefix + payload + prefix + payload)
    #expect(format.prefixCount(forPayloadOf: 2) == prefix.count)
    #expect(try encoder.encodedCount(forPayloadOf: 2) == prefix.count + 2)
  }

  @Test("writes the shortest varints, even if they count themselves")
  func varints() {
    let (payload, frame) = (FrameFormat(prefix: .varint), FrameFormat(prefix: .varint, counting: .frame))
    #expect([0, 127, 128, 16_383, 16_384].map { payload.prefixCount(forPayloadOf: $0) } == [1, 1, 2, 2, 3])
    #expect([0, 126, 127, 16_381, 16_382].map { frame.prefixCount(forPayloadOf: $0) } == [1, 1, 2, 2, 3])
    #expect(payload.prefixCount(forPayloadOf: .max) == 9)
    #expect(frame.prefixCount(forPayloadOf: .max) == 10)
  }

  @Test("refuses lengths that do not fit the prefix, and truncates none (W2)")
  func tooLong() {
    let longest: [(FrameFormat.Prefix, Int)] = [(.oneByte, 255), (.twoBytes, 65_535), (.fourBytes, 4_294_967_295)]
    for (prefix, count) in longest {
      let (payload, frame) = (FrameFormat(prefix: prefix), FrameFormat(prefix: prefix, counting: .frame))
      #expect(payload.prefixCount(forPayloadOf: count) != nil)
      #expect(payload.prefixCount(forPayloadOf: count + 1) == nil)
      #expect(throws: FrameEncodingError.tooLong(count: count + 1)) {
        try FrameEncoder(format: payload).encodedCount(forPayloadOf: count + 1)
      }
      let own = payload.prefixCount(forPayloadOf: 0) ?? 0
      #expect(frame.prefixCount(forPayloadOf: count - own) != nil)
      #expect(frame.prefixCount(forPayloadOf: count - own + 1) == nil)
    }
    #expect(FrameFormat(prefix: .eightBytes, counting: .frame).prefixCount(forPayloadOf: .max) == 8)
    #expect(throws: FrameEncodingError.tooLong(count: .max)) { try FrameEncoder().encodedCount(forPayloadOf: .max) }
    var array: [UInt8] = []
    #expect(throws: FrameEncodingError.tooLong(count: 256)) {
      try FrameEncoder(format: FrameFormat(prefix: .oneByte)).append([UInt8](repeating: 0, count: 256).span, to: &array)
    }
    #expect(array.isEmpty)
  }

  @Test("writes both prefix and payload, or neither", arguments: [0, 10, 2000])
  func wholeOrNot(_ count: Int) throws {
    let payload = [UInt8](repeating: 1, count: count)
    var queue = OutputQueue(limit: count + 4 + 3)
    try queue.append(bytes("abcd"))
    let expected = FrameEncodingError.queueFull(.full(refused: count + 4, pending: 4, limit: count + 7))
    #expect(throws: expected) { try FrameEncoder().append(payload, to: &queue) }
    #expect(throws: expected) { try FrameEncoder().append(payload.span, to: &queue) }
    let refused = queue.contents
    #expect(refused == bytes("abcd"))
    queue.removeFirst(1)
    try FrameEncoder().append(payload, to: &queue)
    let accepted = queue.count
    #expect(accepted == count + 7)

    for room in [count + 3, count + 4] {
      let written = try? [UInt8](capacity: room) { span throws(FrameEncodingError) in
        try FrameEncoder().append(payload.span, to: &span)
      }
      #expect((written != nil) == (room == count + 4))
    }
  }

  @Test("writes empty frames (W1)")
  func empty() throws {
    var queue = OutputQueue(limit: 100)
    for _ in 0..<3 { try FrameEncoder().append([], to: &queue) }
    let contents = queue.contents
    #expect(contents == [UInt8](repeating: 0, count: 12))
  }

  @Test("keeps a large payload next to its prefix, for one vectored write (W3)")
  func vectored() throws {
    var queue = OutputQueue(limit: 100_000)
    let payload = [UInt8](repeating: 7, count: 5000)
    for _ in 0..<3 { try FrameEncoder().append(payload, to: &queue) }
    let address = payload.withUnsafeBytes(\.baseAddress)
    let kept = queue.withSegments { segments, _ in segments.filter { $0.withUnsafeBytes(\.baseAddress) == address }.count }
    #expect(kept == 3)
    let count = queue.segmentCount
    #expect(count == 6)
  }

  @Test("says what to do about each error")
  func messages() {
    let errors: [FrameEncodingError] = [
      .tooLong(count: 300), .noRoom(needed: 10, free: 3), .queueFull(.full(refused: 1, pending: 2, limit: 2)),
    ]
    for error in errors { #expect("\(error)".contains(": ")) }
  }
}
