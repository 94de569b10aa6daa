@testable import AmyStreams
import Testing

@Suite("Memory")
struct MemoryTests {
  @Test("allocated for a long line is freed", arguments: [1, 1000, 65_536])
  func line(_ piece: Int) throws {
    var decoder = LineDecoder(limit: 1 << 22)
    var rest = 1 << 22
    while rest > 0 {
      decoder.append([UInt8](repeating: 97, count: min(rest, max(piece, 4096))))
      rest -= min(rest, max(piece, 4096))
      let isWhole = try decoder.next()
      #expect(!isWhole)
    }
    let most = decoder.capacity
    #expect(most >= 1 << 22)
    #expect(most < 3 << 22)
    decoder.append([10, 98])
    while try decoder.next() {}
    let least = decoder.capacity
    #expect(least <= 1 << 19)
    let isLast = try decoder.finish()
    let last = decoder.copy()
    #expect(isLast)
    #expect(last == [98])
  }

  @Test("allocated for a long frame is freed, with any size of reads", arguments: [100, 16_384, 262_144])
  func frame(_ piece: Int) throws {
    var decoder = FrameDecoder(limit: 1 << 24)
    func small() throws -> [UInt8] { Array(repeatElement([0, 0, 0, 1, 7], count: 20).joined()) }
    var large: [UInt8] = []
    try FrameEncoder().append([UInt8](repeating: 1, count: 1 << 24).span, to: &large)
    var rest = large[...]
    while !rest.isEmpty {
      decoder.append(rest.prefix(piece))
      rest = rest.dropFirst(piece)
      while try decoder.next() {}
    }
    decoder.append(try small())
    while try decoder.next() {}
    let capacity = decoder.capacity
    #expect(capacity <= max(65_536, 4 * piece))
  }

  @Test("is not allocated anew for each read, large or small", arguments: [100, 4096, 65_536, 1 << 20])
  func steady(_ room: Int) throws {
    var decoder = LineDecoder(limit: 100)
    var capacities: Set<Int> = []
    for round in 0..<200 {
      decoder.append(addingCapacity: room) { span in
        for _ in 0..<90 { span.append(round % 7 == 0 ? 97 : 10) }
      }
      while try decoder.next() {}
      capacities.insert(decoder.capacity)
    }
    #expect(capacities.count <= 3)
  }

  @Test("is searched once, and moved a constant number of times, for a line received byte by byte (L3)")
  func linear() throws {
    for count in [1 << 14, 1 << 16] {
      var decoder = LineDecoder(limit: count)
      var moves = Moves()
      for _ in 0..<count {
        moves.note(decoder.buffer)
        decoder.append([97])
        moves.note(decoder.buffer)
        let isWhole = try decoder.next()
        let searched = decoder.searchedCount
        #expect(!isWhole && searched == decoder.pendingCount)
      }
      #expect(moves.count > 0 && moves.count <= 2 * count)
    }
  }

  @Test("is not searched for counted bytes, whole or in pieces, however many", arguments: [64, 65_536])
  func counted(_ count: Int) throws {
    var decoder = LineDecoder(limit: count)
    decoder.append([UInt8](repeating: 97, count: 4 * count))
    var moves = Moves()
    for _ in 0..<2 {
      moves.note(decoder.buffer)
      let isWhole = try decoder.next(count: count)
      #expect(isWhole)
      let isPiece = try decoder.nextPiece(atMost: count)
      #expect(isPiece)
      let searched = decoder.searchedCount
      #expect(searched == 0)
    }
    moves.note(decoder.buffer)
    #expect(decoder.pendingCount == 0 && moves.count == 0)
  }

  @Test("is moved a constant number of times for many lines in one append, and for lines that straddle reads")
  func straddling() throws {
    var decoder = LineDecoder(limit: 1000)
    decoder.append([UInt8](repeating: 10, count: 100_000))
    var lines = 0
    var moves = Moves()
    moves.note(decoder.buffer)
    while try decoder.next() {
      lines += 1
      moves.note(decoder.buffer)
    }
    #expect(lines == 100_000)
    #expect(moves.count == 0)

    var total = 0
    for round in 0..<10_000 {
      moves.note(decoder.buffer)
      decoder.append([UInt8](repeating: 97, count: 50) + (round % 10 == 0 ? [10] : []))
      moves.note(decoder.buffer)
      total += 50
      while try decoder.next() {}
    }
    #expect(moves.count > 0 && moves.count <= 2 * total)
  }

  @Test("is moved a constant number of times for a frame received byte by byte")
  func linearFrames() throws {
    var decoder = FrameDecoder(limit: 1 << 16)
    var input: [UInt8] = []
    try FrameEncoder().append([UInt8](repeating: 1, count: 1 << 16).span, to: &input)
    var moves = Moves()
    for byte in input {
      moves.note(decoder.buffer)
      decoder.append([byte])
      moves.note(decoder.buffer)
      _ = try decoder.next()
    }
    #expect(moves.count > 0 && moves.count <= 2 * input.count)
  }
}

/// The bytes that a buffer moved within memory: call it before and after each call that may move.
private struct Moves {
  private(set) var count = 0
  private var start = 0
  private var capacity = 0
  private var pending = 0

  mutating func note(_ buffer: borrowing InputBuffer) {
    // To the front, or to other memory.
    if buffer.start < start || buffer.storage.capacity != capacity { count += pending }
    (start, capacity, pending) = (buffer.start, buffer.storage.capacity, buffer.count)
  }
}
