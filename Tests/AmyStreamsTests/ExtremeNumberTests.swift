import Amy
import AmySockets
import AmyStreams
import AmyTestSupport
import SystemPackage
import Testing

/// Tests every public number of the readers and writers with its extremes; `TidyTests` reports one without a row here.
@Suite("An extreme number", .timeLimit(.minutes(10)))
struct ExtremeNumberTests {
  @Test("of a reader or a writer is accepted, clamped, or refused with a typed error")
  func streams() async {
    // In its own process, where no thread holds a lock at the forks.
    await #expect(processExitsWith: .success) {
      tell(readers())
      tell(writers())
    }
  }

  @Test("below the minimum of a limit or a budget counts as the minimum")
  func saturates() {
    for number in Extremes.integers {
      #expect(LineReader(limit: number, budget: 1).limit == max(0, number))
      #expect(FrameReader(limit: number, budget: 1).limit == max(0, number))
      #expect(LineReader(limit: 1, budget: number).budget == max(1, number))
      #expect(FrameReader(limit: 1, budget: number).budget == max(1, number))
      #expect(StreamWriter(limit: number).limit == max(1, number))
      #expect(FrameWriter(limit: number).limit == max(1, number))
    }
  }
}

private func readers() -> [String] {
  func read(_ limit: Int, _ budget: Int) throws {
    let pair = try UnixStream.pair()
    _ = try pair.second.write([0, 0, 0, 1, 10, 0])
    try pair.second.shutdown(.writing)
    var lines = LineReader(limit: limit, budget: budget)
    for _ in 0..<8 {
      _ = try lines.read(from: pair.first)
      while try lines.nextOrRest() {}
    }
  }
  func readFrames(_ limit: Int, _ budget: Int) throws {
    let pair = try UnixStream.pair()
    _ = try pair.second.write([0, 0, 0, 1, 10, 0, 0, 0, 0, 255])
    try pair.second.shutdown(.writing)
    var frames = FrameReader(limit: limit, budget: budget)
    for _ in 0..<12 {
      _ = try frames.read(from: pair.first)
      while try frames.next() {}
    }
  }
  return sweep("LineReader init(delimiter:limit:budget:) limit", Extremes.integers) { limit in
    for budget in [1, 1000, .max] { try? read(limit, budget) }
  }
    + sweep("LineReader init(delimiter:limit:budget:) budget", Extremes.integers) { budget in
      for limit in [0, 1000, .max] { try? read(limit, budget) }
    }
    + sweep("FrameReader init(format:limit:budget:) limit", Extremes.integers) { limit in
      for budget in [1, 1000, .max] { try? readFrames(limit, budget) }
    }
    + sweep("FrameReader init(format:limit:budget:) budget", Extremes.integers) { budget in
      for limit in [0, 1000, .max] { try? readFrames(limit, budget) }
    }
    + sweep("LineReader next(count:) count", Extremes.integers) { count in
      for limit in [0, 100, .max] {
        var lines = LineReader(limit: limit, budget: 100)
        _ = try? lines.next(count: count)
      }
    }
    + sweep("LineReader nextPiece(atMost:) atMost", Extremes.integers) { count in
      var lines = LineReader(limit: 100, budget: 100)
      _ = try lines.nextPiece(atMost: count)
    }
    + sweep("ReadProgress init(bytes:state:) bytes", Extremes.integers) {
      _ = ReadProgress(bytes: $0, state: .closed).interest
    }
}

private func writers() -> [String] {
  func write(_ limit: Int, _ high: Int?, _ low: Int?) throws {
    let pair = try UnixStream.pair()
    var output = StreamWriter(limit: limit, highWaterMark: high, lowWaterMark: low)
    _ = try? output.write([1, 2], to: pair.first)
    var frames = FrameWriter(limit: limit, highWaterMark: high, lowWaterMark: low)
    _ = try? frames.write([1, 2], to: pair.first)
  }
  return sweep("StreamWriter init(limit:highWaterMark:lowWaterMark:) limit", Extremes.integers) { try write($0, nil, nil) }
    + sweep("StreamWriter init(limit:highWaterMark:lowWaterMark:) highWaterMark", Extremes.integers) { try write(9, $0, nil) }
    + sweep("StreamWriter init(limit:highWaterMark:lowWaterMark:) lowWaterMark", Extremes.integers) { try write(9, nil, $0) }
    + sweep("FrameWriter init(format:limit:highWaterMark:lowWaterMark:) limit", Extremes.integers) { try write($0, 1, 0) }
    + sweep("FrameWriter init(format:limit:highWaterMark:lowWaterMark:) highWaterMark", Extremes.integers) {
      try write(.max, $0, nil)
    }
    + sweep("FrameWriter init(format:limit:highWaterMark:lowWaterMark:) lowWaterMark", Extremes.integers) {
      try write(.max, nil, $0)
    }
    + sweep("WriteProgress init(bytes:pendingCount:) bytes", Extremes.integers) {
      _ = WriteProgress(bytes: $0, pendingCount: 0).interest
    }
    + sweep("WriteProgress init(bytes:pendingCount:) pendingCount", Extremes.integers) {
      _ = WriteProgress(bytes: 0, pendingCount: $0).interest
    }
    + sweep("ByteSink writeAvailable(segments:skipping:) skipping", Extremes.integers) {
      let pair = try UnixStream.pair()
      _ = try pair.first.writeAvailable(segments: [[1, 2], [3]], skipping: $0)
    }
    + sweep("FileDescriptor+ByteStream writeAvailable(segments:skipping:) skipping", Extremes.integers) {
      let pipe = try FileDescriptor.pipe()
      _ = try pipe.writeEnd.writeAvailable(segments: [[1, 2], [3]], skipping: $0)
    }
}

/// Reports the values that broke a call: only the comment of a child's issue comes through.
private func tell(_ broken: [String]) {
  #expect(broken.isEmpty, "\(broken)")
}
