// LineDecoder: any split against one piece, and a decoder that checks each byte.
//
// The first bytes select the delimiter, the limit, and the split of the stream behind them.

/// One run of the fuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLines(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count >= 3 else { return 0 }
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  let stream = input[3...]
  let (delimiter, pattern, drops) = delimiters[Int(input[0]) % delimiters.count]
  let limit = Int(input[1] % 64)
  let expected = naive(stream, pattern, drops, limit)
  check(decode([stream], delimiter, limit) == expected)
  check(decode(pieces(of: stream, seed: input[2]), delimiter, limit) == expected)
  return counted(stream, seed: input[2], limit)
}

let delimiters: [(LineDelimiter, [UInt8], Bool)] = [
  (.newline, [10], true), (.lineFeed, [10], false), (.carriageReturnLineFeed, [13, 10], false),
  (LineDelimiter([97, 97, 98]), [97, 97, 98], false), (LineDelimiter([0, 0]), [0, 0], false),
]

func decode(_ pieces: [ArraySlice<UInt8>], _ delimiter: LineDelimiter, _ limit: Int) -> Outcome<LineError> {
  var decoder = LineDecoder(delimiter: delimiter, limit: limit)
  var outcome = Outcome<LineError>()
  do throws(LineError) {
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

func naive(_ stream: ArraySlice<UInt8>, _ delimiter: [UInt8], _ drops: Bool, _ limit: Int) -> Outcome<LineError> {
  var outcome = Outcome<LineError>()
  var line: [UInt8] = []
  for byte in stream {
    line.append(byte)
    guard byte == delimiter.last, line.suffix(delimiter.count) == delimiter[...] else { continue }
    line.removeLast(delimiter.count)
    if drops, line.last == 13 { line.removeLast() }
    guard line.count <= limit else { return Outcome(items: outcome.items, failure: .tooLong(limit: limit)) }
    outcome.items.append(line)
    line = []
  }
  if line.count > limit { return Outcome(items: outcome.items, failure: .tooLong(limit: limit)) }
  if !line.isEmpty { outcome.items.append(line) }
  return outcome
}

/// Decodes lines and counted bytes as the stream demands: nothing is lost or comes twice.
func counted(_ stream: ArraySlice<UInt8>, seed: UInt8, _ limit: Int) -> CInt {
  var decoder = LineDecoder(delimiter: .lineFeed, limit: limit)
  var given: [UInt8] = []
  for (number, piece) in pieces(of: stream, seed: seed).enumerated() {
    decoder.append(piece)
    do throws(LineError) {
      switch (number &+ Int(seed)) % 4 {
      case 0:
        while try decoder.next() { given += decoder.copy() + [10] }
      case 1:
        if try decoder.next(count: number % (limit + 1)) { given += decoder.copy() }
      case 2:
        if try decoder.nextPiece(atMost: Int(seed) % 9) { given += decoder.copy() }
      default:
        if try decoder.next() { given += decoder.copy() + [10] }
      }
      check(given[...] == stream.prefix(given.count))
    } catch {
      return 0
    }
  }
  check(given.count + decoder.pendingCount == stream.count)
  return 0
}
