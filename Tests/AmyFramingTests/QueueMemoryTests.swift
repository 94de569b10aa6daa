import AmyStreams
import AmyTestSupport
import CAmyTestSupport
import Testing

/// Counts the heap in a child process, where nothing else allocates.
@Suite("Memory of an output queue", .serialized, .enabled(if: amy_test_allocated_bytes() > 0))
struct QueueMemoryTests {
  enum Way: CaseIterable {
    case spans, smallSpans, arrays, wastefulArrays, smallWastefulArrays, unusedRoom, littleOfMuchRoom, roomAndArrays, frames
    case wastefulFrames, mixed
  }

  @Test("is bounded by its limit, and freed when the queue is empty, whatever is appended", arguments: Way.allCases)
  func bounded(_ way: Way) {
    // Makes what is made once, such as type metadata.
    _ = Self.verdict(way, limit: 64 << 10)
    // The child hangs if another thread held a lock of the runtime at the fork: try another.
    var verdict: Int32 = 100
    for _ in 0..<4 where verdict >= 100 { verdict = inChild(.forked) { Self.verdict(way, limit: 1 << 20) } }
    #expect(verdict == 0, "2: not freed; 3: nothing was held; from 10 on: 10 plus the MiB that were held")
  }

  private static func verdict(_ way: Way, limit: Int) -> Int32 {
    var queue = OutputQueue(limit: limit)
    let before = amy_test_allocated_bytes()
    var most = 0
    for burst in 0..<2 {
      var step = burst
      while Self.append(way, step, to: &queue) {
        step += 1
        // A slow reader.
        if step < 300, step % 3 == 0 { queue.removeFirst(min(queue.count - 1, 500)) }
        if step % 64 == 0 { most = max(most, amy_test_allocated_bytes() - before) }
      }
      most = max(most, amy_test_allocated_bytes() - before)
      // Refill behind a segment with one byte left.
      queue.removeFirst(queue.count - 1)
      while Self.append(way, step, to: &queue) { step += 1 }
      most = max(most, amy_test_allocated_bytes() - before)
      while queue.count > 0 { queue.removeFirst(min(queue.count, 100_000)) }
      if amy_test_allocated_bytes() - before > 256 << 10 { return 2 }
    }
    if most < limit / 2 { return 3 }
    // In mebibytes, to say how much it was.
    return most <= 5 * limit + 64 << 10 ? 0 : 10 + Int32(min(80, most >> 20))
  }

  /// Appends once, and returns false if that does not fit.
  private static func append(_ way: Way, _ step: Int, to queue: inout OutputQueue) -> Bool {
    func wasteful(_ count: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(256 << 10)
      bytes.append(contentsOf: repeatElement(7, count: count))
      return bytes
    }
    func writing(_ count: Int, in room: Int) throws {
      try queue.append(addingCapacity: room) { span in for _ in 0..<count { span.append(7) } }
    }
    do {
      switch way {
      case .spans: try queue.append([UInt8](repeating: 7, count: 10_000).span)
      case .smallSpans: try queue.append([UInt8](repeating: 7, count: 100).span)
      case .arrays: try queue.append([UInt8](repeating: 7, count: 2000))
      case .wastefulArrays: try queue.append(wasteful(1024))
      case .smallWastefulArrays: try queue.append(wasteful(1000))
      case .unusedRoom: try writing(8200, in: 16_300)
      case .littleOfMuchRoom: try writing(100, in: 20_000)
      case .roomAndArrays where step % 2 == 0: try writing(1, in: 20_000)
      case .roomAndArrays: try queue.append([UInt8](repeating: 7, count: 1024))
      case .frames: try FrameEncoder().append([UInt8](repeating: 7, count: 1024), to: &queue)
      case .wastefulFrames: try FrameEncoder().append(wasteful(1024), to: &queue)
      case .mixed:
        let ways = Way.allCases.dropLast()
        return append(ways[step % ways.count], step, to: &queue)
      }
      return true
    } catch {
      return false
    }
  }
}
