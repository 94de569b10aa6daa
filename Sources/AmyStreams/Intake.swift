public import Amy
public import AmySockets

/// How a reader takes bytes in, whatever its decoder makes of them: within a budget, and no more than may be pending.
@usableFromInline
struct Intake: Sendable {
  /// How many bytes one read takes.
  @usableFromInline
  let budget: Int
  /// How many bytes may be held that were not handed out.
  @usableFromInline
  let mostPending: Int
  /// Whether the stream has ended.
  @usableFromInline
  var isEnded = false
  /// Whether the last read threw: perhaps nothing more will come.
  @usableFromInline
  var isBroken = false

  /// Numbers that nobody means seriously do not overflow; the overhead is what a line or a frame has besides.
  init(limit: Int, budget: Int, overhead: Int) {
    self.budget = max(1, budget)
    mostPending = max(0, min(limit, .max / 4)) + min(self.budget, .max / 4) + overhead
  }
}

extension Intake {
  /// How much room one read gets at most: reading on costs a call, and more room costs each connection memory.
  @usableFromInline
  static var roomOfOneRead: Int { 16 * 1024 }

  /// Reads until there is nothing more for now, the end, or the budget is used up.
  @inlinable
  mutating func read<Source: ByteSource & ~Copyable, Decoder: StreamDecoder & ~Copyable>(
    from source: borrowing Source, into decoder: inout Decoder
  ) throws(PollerError) -> ReadProgress {
    if decoder.hasFailed { return ReadProgress(bytes: 0, state: .failed) }
    let most = min(budget, mostPending - decoder.pendingCount)
    var bytes = 0
    while !isEnded {
      let room = min(most - bytes, Self.roomOfOneRead)
      if room <= 0 { return ReadProgress(bytes: bytes, state: .budgetExhausted) }
      // Until it has returned.
      isBroken = true
      let result = try decoder.append(addingCapacity: room) { (span: inout OutputSpan<UInt8>) throws(PollerError) in
        try source.readAvailable(into: &span)
      }
      isBroken = false
      switch result {
      case .bytes(0), .wouldBlock: return ReadProgress(bytes: bytes, state: .wouldBlock)
      case .bytes(let count): bytes += count
      case .closed: isEnded = true
      }
    }
    return ReadProgress(bytes: bytes, state: decoder.isBetweenItems ? .closed : .closedInside)
  }
}

/// What an intake asks of a decoder.
@usableFromInline
protocol StreamDecoder: ~Copyable {
  var hasFailed: Bool { get }
  var pendingCount: Int { get }
  /// Whether what has come ends with a whole line or frame.
  var isBetweenItems: Bool { get }
  mutating func append<Result: ~Copyable, Failure: Error>(
    addingCapacity capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result
}

extension LineDecoder: StreamDecoder {
  @usableFromInline
  var hasFailed: Bool { failure != nil }
  @usableFromInline
  var isBetweenItems: Bool { endsBetweenLines }
}

extension FrameDecoder: StreamDecoder {
  @usableFromInline
  var hasFailed: Bool { failure != nil }
  @usableFromInline
  var isBetweenItems: Bool { endsBetweenFrames }
}
