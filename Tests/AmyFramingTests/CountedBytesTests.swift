import AmyStreams
import Testing

@Suite("Counted bytes between lines")
struct CountedBytesTests {
  /// Reads RESP's bulk strings: `$5`, five bytes, an empty line; stops anywhere.
  struct Reader: ~Copyable {
    var decoder = LineDecoder(delimiter: .carriageReturnLineFeed, limit: 20)
    var awaited: Int?
    var isTail = false
    var strings: [[UInt8]] = []

    mutating func read(_ piece: ArraySlice<UInt8>) throws(LineError) {
      decoder.append(piece.span)
      while true {
        if let count = awaited {
          guard try decoder.next(count: count) else { return }
          strings.append(decoder.copy())
          awaited = nil
          isTail = true
        } else {
          guard try decoder.next() else { return }
          if !isTail { awaited = Int(try decoder.string().dropFirst()) }
          isTail = false
        }
      }
    }
  }

  @Test("are whole for every split with up to three cuts")
  func splits() {
    let input = bytes("$5\r\na\r\nb\n\r\n$0\r\n\r\n$2\r\n\r\n\r\n")
    var differing: [[ArraySlice<UInt8>]] = []
    forEachSplit(of: input, cuts: 3) { pieces in
      var reader = Reader()
      for piece in pieces { try? reader.read(piece) }
      let isDone = (try? reader.decoder.finish()) == false
      if reader.strings != [bytes("a\r\nb\n"), [], [13, 10]] || !isDone { differing.append(pieces) }
    }
    #expect(differing.isEmpty)
  }

  @Test("come in pieces as they arrive, whatever the limit")
  func pieces() throws {
    var decoder = LineDecoder(limit: 9)
    decoder.append(bytes("100\nab"))
    let isLine = try decoder.next()
    #expect(isLine)
    var rest = 100
    var body: [UInt8] = []
    while rest > 0 {
      while rest > 0, try decoder.nextPiece(atMost: rest) {
        body += decoder.copy()
        rest -= decoder.withBytes { $0.count }
      }
      if rest > 0 { decoder.append(bytes("cdefghijklmnopqrs\n")) }
    }
    #expect(body.count == 100)
    let pending = decoder.pendingCount
    #expect(pending == (2 + 18 * 6) - 100)
    let isNext = try decoder.next()
    let next = decoder.copy()
    #expect(isNext)
    #expect(next == bytes("klmnopqrs"))
  }

  @Test("in one piece are limited, and a count below zero is an error", arguments: [-1, Int.min, 9, Int.max])
  func limits(_ count: Int) {
    var decoder = LineDecoder(limit: 8)
    decoder.append(bytes("0123456789"))
    #expect(throws: LineError.countOutOfRange(count, limit: 8)) { try decoder.next(count: count) }
    #expect(throws: LineError.countOutOfRange(count, limit: 8)) { try decoder.next() }
  }

  @Test("at the limit, one under, and none at all are legal", arguments: [0, 7, 8])
  func legal(_ count: Int) throws {
    var decoder = LineDecoder(limit: 8)
    decoder.append(bytes("0123456789"))
    let isWhole = try decoder.next(count: count)
    let copy = decoder.copy()
    #expect(isWhole)
    #expect(copy == Array(bytes("0123456789").prefix(count)))
  }

  @Test("cut off by the end are an error")
  func finish() throws {
    var decoder = LineDecoder(limit: 8)
    decoder.append(bytes("abc"))
    let isWhole = try decoder.next(count: 5)
    #expect(!isWhole)
    #expect(throws: LineError.endedInsideBytes(missing: 2)) { try decoder.finish() }

    var pieces = LineDecoder(limit: 8)
    pieces.append(bytes("abc"))
    while try pieces.nextPiece(atMost: 5 - 3) {}
    #expect(throws: LineError.endedInsideBytes(missing: 2)) { try pieces.finish() }
  }

  @Test("requested before a line are forgotten at the end")
  func forgotten() throws {
    var decoder = LineDecoder(limit: 8)
    decoder.append(bytes("a\nb"))
    let isWhole = try decoder.next(count: 5)
    #expect(!isWhole)
    let isLine = try decoder.next()
    #expect(isLine)
    let isLast = try decoder.finish()
    #expect(isLast)
  }

  @Test("can be requested in the middle of a searched line")
  func afterSearch() throws {
    var decoder = LineDecoder(delimiter: LineDelimiter(bytes("xy")), limit: 100)
    decoder.append(bytes("aaaax"))
    let isLine = try decoder.next()
    #expect(!isLine)
    let isPiece = try decoder.nextPiece(atMost: 2)
    #expect(isPiece)
    decoder.append(bytes("yb"))
    let isNext = try decoder.next()
    let next = decoder.copy()
    #expect(isNext)
    #expect(next == bytes("aa"))
    let isNothing = try decoder.nextPiece(atMost: 0)
    #expect(!isNothing)
  }
}
