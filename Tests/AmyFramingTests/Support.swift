import AmyStreams

/// The items and the failure of a whole stream.
struct Outcome<Failure: Error & Equatable>: Equatable {
  var items: [[UInt8]] = []
  var failure: Failure?
}

func bytes(_ text: String) -> [UInt8] {
  Array(text.utf8)
}

/// Calls a closure with each way to split an array with at most `cuts` cuts; pieces may be empty.
func forEachSplit(of bytes: [UInt8], cuts: Int, _ body: ([ArraySlice<UInt8>]) -> Void) {
  func split(_ rest: ArraySlice<UInt8>, _ cuts: Int, _ pieces: [ArraySlice<UInt8>]) {
    body(pieces + [rest])
    guard cuts > 0 else { return }
    for index in rest.startIndex...rest.endIndex {
      split(rest[index...], cuts - 1, pieces + [rest[..<index]])
    }
  }
  split(bytes[...], cuts, [])
}

/// Decodes pieces as a reader does: appends, takes all, repeats, finishes.
func decodeLines(_ pieces: [ArraySlice<UInt8>], _ delimiter: LineDelimiter, limit: Int) -> Outcome<LineError> {
  var decoder = LineDecoder(delimiter: delimiter, limit: limit)
  var outcome = Outcome<LineError>()
  do throws(LineError) {
    for piece in pieces {
      decoder.append(piece)
      while try decoder.next() { outcome.items.append(decoder.copy()) }
    }
    while try decoder.finish() { outcome.items.append(decoder.copy()) }
  } catch {
    outcome.failure = error
  }
  return outcome
}

/// Decodes the same byte by byte, regardless of cost.
func naiveLines(_ bytes: [UInt8], _ delimiter: [UInt8], dropsCarriageReturn: Bool, limit: Int) -> Outcome<LineError> {
  var outcome = Outcome<LineError>()
  var line: [UInt8] = []
  for byte in bytes {
    line.append(byte)
    guard line.suffix(delimiter.count) == delimiter[...] else { continue }
    line.removeLast(delimiter.count)
    if dropsCarriageReturn, line.last == 13 { line.removeLast() }
    guard line.count <= limit else {
      outcome.failure = .tooLong(limit: limit)
      return outcome
    }
    outcome.items.append(line)
    line = []
  }
  if line.count > limit {
    outcome.failure = .tooLong(limit: limit)
  } else if !line.isEmpty {
    outcome.items.append(line)
  }
  return outcome
}

/// Decodes pieces as a reader does: appends, takes all, repeats, finishes.
func decodeFrames(_ pieces: [ArraySlice<UInt8>], _ format: FrameFormat, limit: Int) -> Outcome<FrameError> {
  var decoder = FrameDecoder(format: format, limit: limit)
  var outcome = Outcome<FrameError>()
  do throws(FrameError) {
    for piece in pieces {
      decoder.append(piece)
      while try decoder.next() { outcome.items.append(decoder.copy()) }
    }
    while try decoder.finish() { outcome.items.append(decoder.copy()) }
  } catch {
    outcome.failure = error
  }
  return outcome
}

/// Decodes the same from an array, regardless of cost.
func naiveFrames(_ bytes: [UInt8], _ format: FrameFormat, limit: Int) -> Outcome<FrameError> {
  var outcome = Outcome<FrameError>()
  var rest = bytes[...]
  while !rest.isEmpty {
    var number: [UInt8] = []
    switch format.prefix {
    case .varint:
      while let byte = rest.dropFirst(number.count).first, number.count < 10 {
        number.append(byte & 0x7f)
        if number.count == 10, byte > 1 { return Outcome(items: outcome.items, failure: .varintOverflow) }
        guard byte >= 0x80 else { break }
      }
      let isWhole = rest.prefix(number.count).last.map { $0 < 0x80 } ?? false
      guard isWhole else { return Outcome(items: outcome.items, failure: .endedInsideFrame(received: rest.count)) }
      if number.count > 1, number.last == 0 { return Outcome(items: outcome.items, failure: .varintNotShortest) }
    default:
      let count = [.oneByte: 1, .twoBytes: 2, .fourBytes: 4, .eightBytes: 8][format.prefix] ?? 0
      guard rest.count >= count else { return Outcome(items: outcome.items, failure: .endedInsideFrame(received: rest.count)) }
      number = Array(rest.prefix(count))
      if format.byteOrder == .bigEndian { number.reverse() }
    }
    let bits: UInt64 = format.prefix == .varint ? 7 : 8
    var length = number.reversed().reduce(0 as UInt64) { $0 << bits | UInt64($1) }
    if format.counted == .frame {
      guard length >= UInt64(number.count) else {
        outcome.failure = .shorterThanPrefix(length: Int(length), prefix: number.count)
        return outcome
      }
      length -= UInt64(number.count)
    }
    guard length <= UInt64(limit) else {
      outcome.failure = .tooLong(length: length, limit: limit)
      return outcome
    }
    guard rest.count - number.count >= Int(length) else {
      outcome.failure = .endedInsideFrame(received: rest.count)
      return outcome
    }
    outcome.items.append(Array(rest.dropFirst(number.count).prefix(Int(length))))
    rest = rest.dropFirst(number.count + Int(length))
  }
  return outcome
}
