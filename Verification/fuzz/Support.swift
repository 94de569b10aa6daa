// For all harnesses, compiled together with Sources/AmyStreams/Framing: see Verification/fuzz/run.

/// A whole stream's items, and its end.
struct Outcome<Failure: Error & Equatable>: Equatable {
  var items: [[UInt8]] = []
  var failure: Failure?
}

/// Stops unless true: libFuzzer keeps the input.
func check(_ condition: Bool, line: Int = #line) {
  precondition(condition, "line \(line)")
}

/// Cuts a stream into pieces by a seed.
func pieces(of stream: ArraySlice<UInt8>, seed: UInt8) -> [ArraySlice<UInt8>] {
  var state = UInt32(seed)
  let longest = 1 + UInt32(seed % 7) * UInt32(seed % 7)
  var pieces: [ArraySlice<UInt8>] = []
  var rest = stream
  while !rest.isEmpty {
    state = state &* 1_664_525 &+ 1_013_904_223
    let count = Int(1 + (state >> 16) % longest)
    pieces.append(rest.prefix(count))
    rest = rest.dropFirst(count)
  }
  return pieces
}
