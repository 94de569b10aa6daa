import AmyStreams
import AmyTestSupport
import Testing

@Suite("A frame decoder")
struct FrameDecoderTests {
  static let formats: [FrameFormat] = {
    var formats: [FrameFormat] = []
    for prefix in [.oneByte, .twoBytes, .fourBytes, .eightBytes, .varint] as [FrameFormat.Prefix] {
      for order in [.bigEndian, .littleEndian] as [FrameFormat.ByteOrder] {
        for counted in [.payload, .frame] as [FrameFormat.Counted] {
          formats.append(FrameFormat(prefix: prefix, byteOrder: order, counting: counted))
        }
      }
    }
    return formats
  }()

  static func encode(_ payloads: [[UInt8]], _ format: FrameFormat) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for payload in payloads { try FrameEncoder(format: format).append(payload.span, to: &bytes) }
    return bytes
  }

  @Test("gives the same frames for every split with up to three cuts, empty ones too (F3)", arguments: formats)
  func splits(_ format: FrameFormat) throws {
    let payloads = [bytes("a"), [], bytes("\n\0"), bytes("frame")]
    let input = try Self.encode(payloads, format)
    for cut in [input.count, input.count - 1] {
      let expected = naiveFrames(Array(input.prefix(cut)), format, limit: 5)
      #expect(expected.items == Array(payloads.prefix(expected.items.count)))
      var differing: [[ArraySlice<UInt8>]] = []
      forEachSplit(of: Array(input.prefix(cut)), cuts: 3) { pieces in
        if decodeFrames(pieces, format, limit: 5) != expected { differing.append(pieces) }
      }
      #expect(differing.isEmpty)
    }
  }

  @Test("behaves like a byte-by-byte decoder over random bytes", arguments: formats)
  func random(_ format: FrameFormat) {
    var random = SplitMix(state: 3)
    for _ in 0..<3000 {
      // Mostly small: otherwise most lengths exceed the limit.
      let input = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        [0, 0, 0, 1, 2, 3, 4, 9, 128, 129, 255].randomElement(using: &random) ?? 0 as UInt8
      }
      let expected = naiveFrames(input, format, limit: 8)
      let (whole, single) = (
        decodeFrames([input[...]], format, limit: 8), decodeFrames(input.map { [$0] }, format, limit: 8)
      )
      if whole != expected || single != expected { Issue.record("\(input): \(whole), \(single), not \(expected)") }
    }
  }

  @Test("decodes what an encoder wrote, of all lengths", arguments: formats)
  func roundTrip(_ format: FrameFormat) throws {
    let longest = format.prefix == .oneByte ? 246 : 20_000
    for length in [0, 1, 126, 127, 128, 129, 200, 246, 16_382, 16_383, 16_384] where length <= longest {
      let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
      let input = try Self.encode([payload, [], payload], format)
      let expected = Outcome<FrameError>(items: [payload, [], payload])
      #expect(decodeFrames([input[...]], format, limit: length) == expected)
      let halves = [input.prefix(input.count / 2), input.dropFirst(input.count / 2)]
      #expect(decodeFrames(halves, format, limit: length) == expected)
      #expect(naiveFrames(input, format, limit: length) == expected)
    }
  }

  @Test(
    "accepts a frame at the limit and one under, and refuses one over before its payload comes",
    arguments: formats, [0, 1, 20, 200])
  func limits(_ format: FrameFormat, _ limit: Int) throws {
    for length in max(0, limit - 1)...limit {
      let payload = [UInt8](repeating: 1, count: length)
      let input = try Self.encode([payload], format)
      #expect(decodeFrames([input[...]], format, limit: limit) == Outcome(items: [payload]))
    }
    let input = try Self.encode([[UInt8](repeating: 1, count: limit + 1)], format)
    let prefix = input.prefix(input.count - limit - 1)
    let expected = Outcome(failure: FrameError.tooLong(length: UInt64(limit + 1), limit: limit))
    #expect(decodeFrames([prefix], format, limit: limit) == expected)
    #expect(decodeFrames(prefix.map { [$0] }, format, limit: limit) == expected)
    #expect(decodeFrames([input[...]], format, limit: limit) == expected)
  }

  @Test("allocates nothing for a length of FF FF FF FF (F1)")
  func announced() {
    var decoder = FrameDecoder(limit: 1 << 20)
    decoder.append([0xff, 0xff, 0xff, 0xff])
    let before = decoder.capacity
    #expect(throws: FrameError.tooLong(length: 0xffff_ffff, limit: 1 << 20)) { try decoder.next() }
    let after = decoder.capacity
    #expect(after <= before)
  }

  @Test("allocates for received bytes, not for a length announced within the limit (F1)")
  func announcedWithin() throws {
    var decoder = FrameDecoder(limit: 1 << 30)
    decoder.append([0x3f, 0, 0, 0] + [UInt8](repeating: 0, count: 96))
    let isWhole = try decoder.next()
    let capacity = decoder.capacity
    #expect(!isWhole)
    #expect(capacity < 1024)
  }

  @Test("gives a whole frame although the next is incomplete, without an error (F2)")
  func progress() throws {
    var decoder = FrameDecoder(limit: 10)
    decoder.append([0, 0, 0, 1, 97, 0, 0])
    let isFirst = try decoder.next()
    let first = decoder.copy()
    #expect(isFirst)
    #expect(first == [97])
    let isSecond = try decoder.next()
    let pending = decoder.pendingCount
    #expect(!isSecond)
    #expect(pending == 2)
  }

  @Test("distinguishes data, the end, and an end inside a frame (F4)")
  func ends() throws {
    var whole = FrameDecoder(limit: 10)
    whole.append([0, 0, 0, 1, 97])
    let isFrame = try whole.finish()
    let frame = whole.copy()
    #expect(isFrame)
    #expect(frame == [97])
    let isMore = try whole.finish()
    #expect(!isMore)

    for cut in 1...4 {
      var decoder = FrameDecoder(limit: 10)
      decoder.append(Array([0, 0, 0, 1, 97].prefix(cut)))
      #expect(throws: FrameError.endedInsideFrame(received: cut)) { try decoder.finish() }
      decoder.append([97])
      #expect(throws: FrameError.endedInsideFrame(received: cut)) { try decoder.next() }
    }
  }

  @Test("refuses lengths shorter than their prefix", arguments: formats.filter { $0.counted == .frame })
  func tooShort(_ format: FrameFormat) throws {
    let count = try #require(format.prefixCount(forPayloadOf: 0))
    for length in 0..<count {
      var input = [UInt8](repeating: 0, count: count + 8)
      input[format.byteOrder == .bigEndian ? count - 1 : 0] = UInt8(length)
      let expected = Outcome(failure: FrameError.shorterThanPrefix(length: length, prefix: count))
      #expect(decodeFrames([input[...]], format, limit: 100) == expected)
      #expect(decodeFrames([input.prefix(count)], format, limit: 100) == expected)
    }
  }

  @Test(
    "refuses varints longer than necessary, or longer than 64 bits",
    arguments: [
      ([0x80, 0x00], .varintNotShortest), ([0xff, 0x80, 0x00], .varintNotShortest),
      ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], .varintOverflow),
      ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], .varintOverflow),
      ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .varintNotShortest),
      ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], .tooLong(length: .max, limit: 100)),
    ] as [([UInt8], FrameError)])
  func varints(_ input: [UInt8], _ error: FrameError) {
    let format = FrameFormat(prefix: .varint)
    #expect(decodeFrames([input[...]], format, limit: 100) == Outcome(failure: error))
    #expect(decodeFrames(input.map { [$0] }, format, limit: 100) == Outcome(failure: error))
  }

  @Test("refuses a length of 2^64 - 1, and accepts the largest possible limit")
  func largest() {
    let format = FrameFormat(prefix: .eightBytes)
    let input = [UInt8](repeating: 255, count: 8)
    #expect(decodeFrames([input[...]], format, limit: .max) == Outcome(failure: .tooLong(length: .max, limit: .max)))
    let possible = [0x7f] + [UInt8](repeating: 255, count: 7)
    #expect(decodeFrames([possible[...]], format, limit: .max) == Outcome(failure: .endedInsideFrame(received: 8)))
  }

  @Test("stays failed, and allocates no more")
  func staysFailed() {
    var decoder = FrameDecoder(limit: 2)
    decoder.append([0, 0, 0, 9])
    for _ in 0..<3 {
      #expect(throws: FrameError.tooLong(length: 9, limit: 2)) { try decoder.next() }
      #expect(throws: FrameError.tooLong(length: 9, limit: 2)) { try decoder.finish() }
      decoder.append([0, 0, 0, 0, 0, 0, 0, 0])
      decoder.append(addingCapacity: 100) { $0.append(repeating: 0, count: 100) }
      let (capacity, failure) = (decoder.capacity, decoder.failure)
      #expect(capacity == 0)
      #expect(failure == .tooLong(length: 9, limit: 2))
    }
  }

  @Test("says what to do about each error")
  func messages() {
    let errors: [FrameError] = [
      .tooLong(length: 9, limit: 8), .shorterThanPrefix(length: 1, prefix: 4), .varintNotShortest, .varintOverflow,
      .endedInsideFrame(received: 3),
    ]
    for error in errors { #expect("\(error)".contains(": ")) }
  }
}
