import AmyStreams
import AmyTestSupport
import Testing

/// Tests every public number of the codecs with its extremes; `TidyTests` reports one without a row here.
@Suite("An extreme number", .timeLimit(.minutes(10)))
struct ExtremeNumberTests {
  @Test("of a codec is accepted, clamped, or refused with a typed error")
  func codecs() async {
    // In its own process, where no thread holds a lock at the forks.
    await #expect(processExitsWith: .success) {
      tell(decoders())
      tell(frames())
      tell(queues())
    }
  }

  @Test("below the minimum of a limit or a mark counts as the minimum")
  func saturates() {
    for number in Extremes.integers {
      #expect(LineDecoder(limit: number).limit == max(0, number))
      #expect(FrameDecoder(limit: number).limit == max(0, number))
      #expect(OutputQueue(limit: number).limit == max(1, number))
      let queue = OutputQueue(limit: 1000, highWaterMark: number, lowWaterMark: number)
      #expect(queue.highWaterMark == min(max(1, number), 1000))
      #expect(queue.lowWaterMark == min(max(0, number), queue.highWaterMark - 1))
    }
  }

  @Test("for room is at least 0 and at most the room given at once")
  func room() throws {
    var lines = LineDecoder(limit: 100)
    var frames = FrameDecoder(limit: 100)
    for number in Extremes.integers where number <= 0 {
      #expect(lines.append(addingCapacity: number) { $0.freeCapacity } == 0)
      #expect(frames.append(addingCapacity: number) { $0.freeCapacity } == 0)
      var queue = OutputQueue(limit: 100)
      try queue.append(addingCapacity: number) { _ in Issue.record("the closure was called without room") }
    }
    // The bytes keep their place, even without room before.
    lines.append([1, 10])
    #expect(lines.append(addingCapacity: 0) { $0.freeCapacity } == 0)
    #expect(try lines.next() && lines.copy() == [1])
  }
}

private func decoders() -> [String] {
  sweep("LineDecoder init(delimiter:limit:) limit", Extremes.integers) { limit in
    var lines = LineDecoder(limit: limit)
    lines.append(bytes("one\ntwo"))
    while try lines.next() {}
    while try lines.finish() {}
  }
    + sweep("LineDecoder+Appending append(addingCapacity:_:) addingCapacity", Extremes.integers) { capacity in
      var lines = LineDecoder(limit: 10)
      lines.append(bytes("one"))
      lines.append(addingCapacity: capacity) { if $0.freeCapacity > 0 { $0.append(10) } }
      let isWhole = try lines.next()
      precondition(isWhole == (capacity > 0))
    }
    + sweep("LineDecoder+Counted next(count:) count", Extremes.integers) { count in
      for limit in [0, 100, .max] {
        var lines = LineDecoder(limit: limit)
        lines.append(bytes("one"))
        _ = try? lines.next(count: count)
        _ = try? lines.finish()
      }
    }
    + sweep("LineDecoder+Counted nextPiece(atMost:) atMost", Extremes.integers) { count in
      var lines = LineDecoder(limit: 100)
      lines.append(bytes("one"))
      for _ in 0..<3 { _ = try lines.nextPiece(atMost: count) }
      _ = try lines.finish()
    }
}

private func frames() -> [String] {
  let formats = [FrameFormat.Prefix.oneByte, .twoBytes, .fourBytes, .eightBytes, .varint].flatMap { prefix in
    [FrameFormat(prefix: prefix), FrameFormat(prefix: prefix, byteOrder: .littleEndian, counting: .frame)]
  }
  return sweep("FrameDecoder init(format:limit:) limit", Extremes.integers) { limit in
    for format in formats {
      for byte: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var frames = FrameDecoder(format: format, limit: limit)
        frames.append([UInt8](repeating: byte, count: 40))
        _ = frames.endsBetweenFrames
        while (try? frames.next()) == true {}
        while (try? frames.finish()) == true {}
      }
    }
  }
    + sweep("FrameDecoder+Appending append(addingCapacity:_:) addingCapacity", Extremes.integers) { capacity in
      var frames = FrameDecoder(limit: 10)
      frames.append([0, 0, 0, 1])
      frames.append(addingCapacity: capacity) { if $0.freeCapacity > 0 { $0.append(10) } }
      let isWhole = try frames.next()
      precondition(isWhole == (capacity > 0))
    }
    + sweep("FrameEncoder encodedCount(forPayloadOf:) forPayloadOf", Extremes.integers) { count in
      for format in formats { _ = try? FrameEncoder(format: format).encodedCount(forPayloadOf: count) }
    }
    + sweep("FrameFormat prefixCount(forPayloadOf:) forPayloadOf", Extremes.integers) { count in
      for format in formats { _ = format.prefixCount(forPayloadOf: count) }
    }
}

private func queues() -> [String] {
  func use(_ queue: inout OutputQueue) {
    for count in [1, 100, 2000] {
      try? queue.append([UInt8](repeating: 1, count: count))
      try? queue.append(addingCapacity: count) { $0.append(1) }
    }
    queue.removeFirst(queue.count)
  }
  return sweep("OutputQueue init(limit:highWaterMark:lowWaterMark:) limit", Extremes.integers) { limit in
    var queue = OutputQueue(limit: limit)
    use(&queue)
  }
    + sweep("OutputQueue init(limit:highWaterMark:lowWaterMark:) highWaterMark", Extremes.integers) { mark in
      for limit in [0, 1, 1000, .max] {
        var queue = OutputQueue(limit: limit, highWaterMark: mark)
        use(&queue)
      }
    }
    + sweep("OutputQueue init(limit:highWaterMark:lowWaterMark:) lowWaterMark", Extremes.integers) { mark in
      for limit in [0, 1, 1000, .max] {
        var queue = OutputQueue(limit: limit, lowWaterMark: mark)
        use(&queue)
      }
    }
    + sweep("OutputQueue append(addingCapacity:_:) addingCapacity", Extremes.integers) { capacity in
      for limit in [100, Int.max] {
        var queue = OutputQueue(limit: limit)
        try? queue.append([1, 2])
        try? queue.append(addingCapacity: capacity) { $0.append(1) }
        queue.removeFirst(queue.count)
      }
    }
    // Removing too much traps, as documented.
    + sweep("OutputQueue removeFirst(_:) _", [0, 1, 2]) { count in
      var queue = OutputQueue(limit: 10)
      try queue.append([1, 2])
      queue.removeFirst(count)
    }
    + sweep("OutputQueue forEachSegment(atMost:_:) atMost", Extremes.integers) { limit in
      var queue = OutputQueue(limit: 10_000)
      for _ in 0..<3 { try queue.append([UInt8](repeating: 1, count: 2000)) }
      var count = 0
      queue.forEachSegment(atMost: limit) { _ in count += 1 }
      precondition(count == max(0, min(3, limit)))
    }
}

/// Reports the values that broke a call: only the comment of a child's issue comes through.
private func tell(_ broken: [String]) {
  #expect(broken.isEmpty, "\(broken)")
}
