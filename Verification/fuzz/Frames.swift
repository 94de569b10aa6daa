// FrameDecoder: any split against one piece, and a decoder that checks each byte; and FrameEncoder in reverse.
//
// The first bytes select the format, the limit, and the split of the stream behind them.

/// One run of the fuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count >= 3 else { return 0 }
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let stream = input[3...]
  let format = FrameFormat(
    prefix: [.oneByte, .twoBytes, .fourBytes, .eightBytes, .varint][Int(input[0] >> 2) % 5],
    byteOrder: input[0] & 1 == 0 ? .bigEndian : .littleEndian, counting: input[0] & 2 == 0 ? .payload : .frame)
  let limit = Int(input[1])
  let expected = naive(stream, format, limit)
  check(decode([stream], format, limit) == expected)
  check(decode(pieces(of: stream, seed: input[2]), format, limit) == expected)
  var encoded: [UInt8] = []
  for payload in expected.items { try? FrameEncoder(format: format).append(payload.span, to: &encoded) }
  check(decode([encoded[...]], format, limit).items == expected.items)
  // A varint that counts itself has two encodings of one length: 126 bytes are 127 with a one-byte prefix, or 128 with a
  // two-byte one.
  if format.prefix != .varint || format.counted == .payload { check(encoded[...] == stream.prefix(encoded.count)) }
  return 0
}

func decode(_ pieces: [ArraySlice<UInt8>], _ format: FrameFormat, _ limit: Int) -> Outcome<FrameError> {
  var decoder = FrameDecoder(format: format, limit: limit)
  var outcome = Outcome<FrameError>()
  do throws(FrameError) {
    for piece in pieces {
      decoder.append(piece)
      while try decoder.next() { outcome.items.append(decoder.copy()) }
    }
    while try decoder.finish() { outcome.items.append(decoder.copy()) }
    check(decoder.pendingCount == 0)
  } catch {
    outcome.failure = error
    check(decoder.failure == error)
  }
  return outcome
}

func naive(_ stream: ArraySlice<UInt8>, _ format: FrameFormat, _ limit: Int) -> Outcome<FrameError> {
  var outcome = Outcome<FrameError>()
  var rest = Array(stream)
  while !rest.isEmpty {
    let (prefix, number, failure) = number(rest, format)
    if let failure { return Outcome(items: outcome.items, failure: failure) }
    let overhead = format.counted == .frame ? UInt64(prefix) : 0
    if number < overhead {
      return Outcome(items: outcome.items, failure: .shorterThanPrefix(length: Int(number), prefix: prefix))
    }
    let length = number - overhead
    if length > limit { return Outcome(items: outcome.items, failure: .tooLong(length: length, limit: limit)) }
    let end = prefix + Int(length)
    if rest.count < end { return Outcome(items: outcome.items, failure: .endedInsideFrame(received: rest.count)) }
    outcome.items.append(Array(rest[prefix..<end]))
    rest.removeFirst(end)
  }
  return outcome
}

/// Returns the prefix's length and number, or why there is none.
func number(_ rest: [UInt8], _ format: FrameFormat) -> (Int, UInt64, FrameError?) {
  let partial = FrameError.endedInsideFrame(received: rest.count)
  let fixed = [.oneByte: 1, .twoBytes: 2, .fourBytes: 4, .eightBytes: 8][format.prefix]
  if let fixed {
    if rest.count < fixed { return (0, 0, partial) }
    let digits = format.byteOrder == .bigEndian ? Array(rest[..<fixed]) : rest[..<fixed].reversed()
    return (fixed, digits.reduce(0) { $0 << 8 | UInt64($1) }, nil)
  }
  var (sum, weight) = (0 as UInt64, 1 as UInt64)
  for (index, byte) in rest.enumerated() {
    let (product, overflows) = UInt64(byte & 0x7f).multipliedReportingOverflow(by: weight)
    if overflows || index == 9 && byte >= 0x80 { return (0, 0, .varintOverflow) }
    sum += product
    if byte < 0x80 { return (index + 1, sum, byte == 0 && index > 0 ? .varintNotShortest : nil) }
    weight <<= 7
  }
  return (0, 0, partial)
}
