import AmyStreams
import AmyTestSupport
import Testing

@Suite("A line decoder")
struct LineDecoderTests {
  /// A delimiter, and what a naive decoder needs to know.
  struct Case: CustomTestStringConvertible {
    let delimiter: LineDelimiter
    let bytes: [UInt8]
    var dropsCarriageReturn = false
    let alphabet: [UInt8]
    var testDescription: String { "\(bytes)\(dropsCarriageReturn ? ", carriage return dropped" : "")" }
  }

  static let cases = [
    Case(delimiter: .newline, bytes: [10], dropsCarriageReturn: true, alphabet: [10, 13, 97]),
    Case(delimiter: .lineFeed, bytes: [10], alphabet: [10, 13, 97]),
    Case(delimiter: .carriageReturnLineFeed, bytes: [13, 10], alphabet: [10, 13, 97]),
    Case(delimiter: LineDelimiter([0]), bytes: [0], alphabet: [0, 1, 255]),
    Case(delimiter: LineDelimiter([128]), bytes: [128], alphabet: [128, 127, 129, 0]),
    Case(delimiter: LineDelimiter(bytes("aa")), bytes: bytes("aa"), alphabet: bytes("ab")),
    Case(delimiter: LineDelimiter(bytes("aab")), bytes: bytes("aab"), alphabet: bytes("ab")),
    Case(delimiter: LineDelimiter(bytes("abab")), bytes: bytes("abab"), alphabet: bytes("ab")),
  ]

  static let texts = [
    "", "\n", "\r\n", "\r", "a", "a\n", "a\r\nb", "\n\n\r\n", "one\r\ntwo\nthree", "a\rb\r\r\nc\n\r", "\nend\r", "xaaabaab",
  ]

  @Test("gives the same lines for every split with up to three cuts", arguments: cases, texts)
  func splits(_ test: Case, _ text: String) {
    for limit in [0, 1, 3, 100] {
      let expected = naiveLines(bytes(text), test.bytes, dropsCarriageReturn: test.dropsCarriageReturn, limit: limit)
      var differing: [[ArraySlice<UInt8>]] = []
      forEachSplit(of: bytes(text), cuts: 3) { pieces in
        if decodeLines(pieces, test.delimiter, limit: limit) != expected { differing.append(pieces) }
      }
      #expect(differing.isEmpty, "limit \(limit): not \(expected)")
    }
  }

  @Test("gives the same lines as a byte-by-byte decoder for all short inputs", arguments: cases)
  func exhaustive(_ test: Case) {
    var inputs: [[UInt8]] = [[]]
    for length in 0...7 {
      for input in inputs {
        let expected = naiveLines(input, test.bytes, dropsCarriageReturn: test.dropsCarriageReturn, limit: 2)
        let whole = decodeLines([input[...]], test.delimiter, limit: 2)
        let single = decodeLines(input.map { [$0] }, test.delimiter, limit: 2)
        if whole != expected || single != expected { Issue.record("\(input): \(whole), \(single), not \(expected)") }
      }
      if length < 7 { inputs = inputs.flatMap { input in test.alphabet.map { input + [$0] } } }
    }
  }

  @Test("gives the same lines for random inputs of all lengths and pieces", arguments: cases)
  func random(_ test: Case) {
    var random = SplitMix(state: 7)
    for _ in 0..<400 {
      let length = Int.random(in: 0...300, using: &random)
      // Few delimiters, for lines longer than a search step.
      let rarely = Int.random(in: 1...60, using: &random)
      let input = (0..<length).map { _ in
        Int.random(in: 0..<rarely, using: &random) == 0 ? test.alphabet.randomElement(using: &random) ?? 0 : 120
      }
      let limit = Int.random(in: 0...100, using: &random)
      let expected = naiveLines(input, test.bytes, dropsCarriageReturn: test.dropsCarriageReturn, limit: limit)
      var pieces: [ArraySlice<UInt8>] = []
      var rest = input[...]
      while !rest.isEmpty {
        pieces.append(rest.prefix(Int.random(in: 0...50, using: &random)))
        rest = rest.dropFirst(pieces.last?.count ?? 0)
      }
      #expect(decodeLines(pieces, test.delimiter, limit: limit) == expected)
      #expect(decodeLines([input[...]], test.delimiter, limit: limit) == expected)
    }
  }

  @Test(
    "accepts a line at the limit and one under, and refuses one over, whole or byte by byte",
    arguments: [0, 1, 7, 8, 31, 32, 33, 100])
  func limits(_ limit: Int) {
    for delimiter in ["\n", "\r\n"] {
      for length in max(0, limit - 1)...limit {
        let input = [UInt8](repeating: 97, count: length) + bytes(delimiter)
        let expected = Outcome<LineError>(items: [[UInt8](repeating: 97, count: length)])
        #expect(decodeLines([input[...]], .newline, limit: limit) == expected)
        #expect(decodeLines(input.map { [$0] }, .newline, limit: limit) == expected)
      }
      let input = [UInt8](repeating: 97, count: limit + 1) + bytes(delimiter)
      let expected = Outcome<LineError>(failure: .tooLong(limit: limit))
      #expect(decodeLines([input[...]], .newline, limit: limit) == expected)
      #expect(decodeLines(input.map { [$0] }, .newline, limit: limit) == expected)
    }
  }

  @Test("refuses an endless line as soon as it must exceed the limit (L2)")
  func endless() throws {
    var decoder = LineDecoder(limit: 10)
    decoder.append([UInt8](repeating: 97, count: 11))
    let isWhole = try decoder.next()
    #expect(!isWhole, "a line feed could still follow the carriage return")
    decoder.append([97])
    #expect(throws: LineError.tooLong(limit: 10)) { try decoder.next() }
  }

  @Test("continues when its memory ends inside a line (L1)")
  func compaction() throws {
    var decoder = LineDecoder(limit: 1000)
    var lines = 0
    for _ in 0..<10_000 {
      // Room of 100 for lines of 7 bytes: each read ends elsewhere in a line.
      decoder.append(addingCapacity: 100) { room in
        while room.freeCapacity > 0 { room.append(bytes("abcdef\n")[(room.count + lines) % 7]) }
        lines += room.count % 7
      }
      while try decoder.next() {}
    }
    let (capacity, pending) = (decoder.capacity, decoder.pendingCount)
    #expect(capacity <= 1024)
    #expect(pending < 200)
  }

  @Test("gives the last line without a delimiter, and then nothing (L3)")
  func finish() throws {
    var decoder = LineDecoder(limit: 100)
    decoder.append(bytes("one\ntwo"))
    var lines: [String] = []
    while try decoder.finish() { lines.append(try decoder.string()) }
    #expect(lines == ["one", "two"])
    let again = try decoder.finish()
    #expect(!again)
  }

  @Test("keeps a line that is not UTF-8 (L3)")
  func invalidText() throws {
    var decoder = LineDecoder(limit: 100)
    decoder.append([97, 0xff, 98, 10, 99, 10])
    let isFirst = try decoder.next()
    #expect(isFirst)
    #expect(throws: LineError.invalidUTF8) { try decoder.string() }
    let (copy, repaired, failure) = (decoder.copy(), decoder.repairedString(), decoder.failure)
    #expect(copy == [97, 0xff, 98])
    #expect(repaired == "a\u{fffd}b")
    #expect(failure == nil)
    let isSecond = try decoder.next()
    #expect(isSecond)
    let second = try decoder.string()
    #expect(second == "c")
  }

  @Test("stays failed, and allocates no more")
  func staysFailed() {
    var decoder = LineDecoder(limit: 2)
    decoder.append(bytes("abcdef\nx\n"))
    for _ in 0..<3 {
      #expect(throws: LineError.tooLong(limit: 2)) { try decoder.next() }
      #expect(throws: LineError.tooLong(limit: 2)) { try decoder.finish() }
      #expect(throws: LineError.tooLong(limit: 2)) { try decoder.next(count: 1) }
      #expect(throws: LineError.tooLong(limit: 2)) { try decoder.nextPiece(atMost: 1) }
      decoder.append(bytes("y\n"))
      let read = decoder.append(addingCapacity: 100) { room in
        room.append(10)
        return room.count
      }
      #expect(read == 1)
      let (capacity, failure) = (decoder.capacity, decoder.failure)
      #expect(capacity == 0)
      #expect(failure == .tooLong(limit: 2))
    }
  }

  @Test("keeps the bytes that a closure wrote before it threw")
  func throwingClosure() throws {
    struct Broken: Error {}
    var decoder = LineDecoder(limit: 10)
    #expect(throws: Broken.self) {
      try decoder.append(addingCapacity: 10) { (room: inout OutputSpan<UInt8>) throws(Broken) in
        room.append(97)
        throw Broken()
      }
    }
    decoder.append([10])
    let isWhole = try decoder.next()
    let line = decoder.copy()
    #expect(isWhole)
    #expect(line == [97])
  }

  @Test("lends nothing after an append, nor without a line")
  func lends() throws {
    var decoder = LineDecoder(limit: 10)
    decoder.append(bytes("a\nb"))
    let isFirst = try decoder.next()
    let first = decoder.withBytes { $0.count }
    #expect(isFirst)
    #expect(first == 1)
    let isSecond = try decoder.next()
    let second = decoder.withBytes { $0.count }
    #expect(!isSecond)
    #expect(second == 0)
    decoder.append(bytes("\nc\n"))
    let none = decoder.withBytes { $0.count }
    #expect(none == 0)
    let isThird = try decoder.next()
    #expect(isThird)
    decoder.append(bytes("d"))
    let third = decoder.copy()
    #expect(third == [])
  }

  @Test("accepts the largest possible limit")
  func noLimit() throws {
    var decoder = LineDecoder(limit: .max)
    decoder.append(bytes("a\nb"))
    let isWhole = try decoder.next()
    #expect(isWhole)
    let isNext = try decoder.next()
    #expect(!isNext)
    let isLast = try decoder.finish()
    #expect(isLast)
  }

  @Test("says what to do about each error")
  func messages() {
    let errors: [LineError] = [.tooLong(limit: 8), .countOutOfRange(-9, limit: 8), .endedInsideBytes(missing: 3), .invalidUTF8]
    for error in errors { #expect("\(error)".contains(": ")) }
  }
}
