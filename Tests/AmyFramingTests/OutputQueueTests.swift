import AmyStreams
import AmyTestSupport
import Testing

extension OutputQueue {
  var contents: [UInt8] {
    var contents: [UInt8] = []
    forEachSegment { span in span.withUnsafeBufferPointer { contents += $0 } }
    return contents
  }

  var lent: [UInt8] {
    withSegments { segments, offset in Array(segments.reduce(into: []) { $0 += $1 }.dropFirst(offset)) }
  }
}

@Suite("An output queue")
struct OutputQueueTests {
  @Test("loses nothing, whatever is appended and however much is taken at a time", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func model(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    var queue = OutputQueue(limit: 100_000, highWaterMark: 60_000, lowWaterMark: 20_000)
    var model: [UInt8] = []
    var isCongested = false
    for step in 0..<4000 {
      if Int.random(in: 0..<3, using: &random) < 2 {
        let longest = [10, 100, 2000, 20_000].randomElement(using: &random) ?? 0
        let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: Int.random(in: 0...longest, using: &random))
        let fits = model.count + bytes.count <= 100_000
        do throws(OutputQueueError) {
          if step % 2 == 0 { try queue.append(bytes) } else { try queue.append(bytes.span) }
          #expect(fits)
          model += bytes
        } catch {
          #expect(error == .full(refused: bytes.count, pending: model.count, limit: 100_000))
          #expect(!fits)
        }
      } else {
        let taken = Int.random(in: 0...min(model.count, 30_000), using: &random)
        queue.removeFirst(step % 50 == 0 ? model.count : taken)
        model.removeFirst(step % 50 == 0 ? model.count : taken)
      }
      if model.count >= 60_000 { isCongested = true } else if model.count <= 20_000 { isCongested = false }
      let (count, congested, free) = (queue.count, queue.isCongested, queue.freeCapacity)
      #expect(count == model.count)
      #expect(congested == isCongested)
      #expect(free == 100_000 - model.count)
      if step % 20 == 0 {
        let contents = queue.contents
        #expect(contents == model)
        let lent = queue.lent
        #expect(lent == Array(model.prefix(lent.count)))
        #expect(lent.isEmpty == model.isEmpty)
      }
    }
  }

  @Test("continues after a short write, at any byte (W3)")
  func partialWrites() throws {
    let (large, larger) = ([UInt8](repeating: 1, count: 1024), [UInt8](repeating: 2, count: 1500))
    let parts = [bytes("ab"), [], large, bytes("cde"), larger, bytes("f")]
    let all = Array(parts.joined())
    for cut in 0...all.count {
      var queue = OutputQueue(limit: 10_000)
      for part in parts { try queue.append(part) }
      queue.removeFirst(cut)
      let rest = queue.contents
      #expect(rest == Array(all.dropFirst(cut)))
      let lent = queue.lent
      #expect(lent == rest)
      try queue.append(bytes("g"))
      let more = queue.contents
      #expect(more == Array(all.dropFirst(cut)) + bytes("g"))
    }
    var queue = OutputQueue(limit: 10_000)
    for part in parts { try queue.append(part) }
    for _ in all { queue.removeFirst(1) }
    let isEmpty = queue.isEmpty
    #expect(isEmpty)
  }

  @Test("accepts bytes up to the limit, and none of an append over it (W5)")
  func limits() throws {
    var queue = OutputQueue(limit: 5)
    try queue.append(bytes("abcd"))
    #expect(throws: OutputQueueError.full(refused: 2, pending: 4, limit: 5)) { try queue.append(bytes("ef")) }
    var wasCalled = false
    #expect(throws: OutputQueueError.full(refused: 2, pending: 4, limit: 5)) {
      try queue.append(addingCapacity: 2) { _ in wasCalled = true }
    }
    #expect(!wasCalled)
    try queue.append(bytes("e"))
    try queue.append([])
    #expect(throws: OutputQueueError.full(refused: 1, pending: 5, limit: 5)) { try queue.append(bytes("f")) }
    let contents = queue.contents
    #expect(contents == bytes("abcde"))
    #expect("\(OutputQueueError.full(refused: 1, pending: 5, limit: 5))".contains(": "))
  }

  @Test("is congested from the high-water mark down to the low one (W5)")
  func marks() throws {
    var queue = OutputQueue(limit: 10, highWaterMark: 6, lowWaterMark: 2)
    var states: [Bool] = []
    for _ in 0..<6 {
      try queue.append(bytes("a"))
      states.append(queue.isCongested)
    }
    for _ in 0..<6 {
      queue.removeFirst(1)
      states.append(queue.isCongested)
    }
    #expect(states == [false, false, false, false, false, true, true, true, true, false, false, false])
    let (high, low) = (OutputQueue(limit: 100).highWaterMark, OutputQueue(limit: 100).lowWaterMark)
    #expect(high == 50)
    #expect(low == 25)
  }

  @Test("joins small appends, and keeps large arrays as they are (W3)")
  func segments() throws {
    var queue = OutputQueue(limit: 1 << 20)
    for _ in 0..<100 { try queue.append(bytes("small")) }
    let small = queue.segmentCount
    #expect(small == 1)
    let large = [UInt8](repeating: 1, count: OutputQueue.keptCount)
    try queue.append(large)
    let isKept = queue.withSegments { segments, _ in
      segments.last?.withUnsafeBytes(\.baseAddress) == large.withUnsafeBytes(\.baseAddress)
    }
    #expect(isKept)
    try queue.append(bytes("small"))
    let count = queue.segmentCount
    #expect(count == 3)
    var lent: [Int] = []
    queue.removeFirst(3)
    queue.forEachSegment(atMost: 2) { lent.append($0.count) }
    #expect(lent == [497, 1024])
  }

  @Test("removes everything on request")
  func removeAll() throws {
    var queue = OutputQueue(limit: 10, highWaterMark: 5)
    try queue.append(bytes("abcdef"))
    queue.removeFirst(1)
    queue.removeAll()
    let (isEmpty, isCongested) = (queue.isEmpty, queue.isCongested)
    #expect(isEmpty)
    #expect(!isCongested)
    try queue.append(bytes("xyz"))
    let contents = queue.contents
    #expect(contents == bytes("xyz"))
  }

  @Test("lends no more segments than one call takes, however many are pending or consumed", arguments: [64, 65, 4000])
  func lentSegments(_ count: Int) throws {
    var queue = OutputQueue(limit: count * 1024)
    for number in 0..<count { try queue.append([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1024)) }
    var most = 0
    var taken = 0
    while !queue.isEmpty {
      let (lent, segments) = queue.withSegments { segments, offset in
        (segments.first { !$0.isEmpty }?.first, segments.count)
      }
      #expect(lent == UInt8(truncatingIfNeeded: taken / 1024))
      most = max(most, segments)
      var first: [Int] = []
      queue.forEachSegment(atMost: 3) { first.append($0.count) }
      let segmentCount = queue.segmentCount
      #expect(first == Array([1024 - taken % 1024, 1024, 1024].prefix(segmentCount)))
      queue.removeFirst(min(queue.count, 700))
      taken += 700
    }
    #expect(most == 64)
  }

  @Test("holds few consumed segments, however long it is never empty")
  func usedUp() throws {
    var queue = OutputQueue(limit: 1 << 20)
    let large = [UInt8](repeating: 1, count: 2000)
    try queue.append(large)
    var most = 0
    for _ in 0..<10_000 {
      try queue.append(large)
      queue.removeFirst(2000)
      most = max(most, queue.withSegments { segments, _ in segments.count })
    }
    #expect(most <= 40)
  }
}
