public import Amy
public import AmySockets

/// How a reader takes in bytes, for any decoder: within a budget, and a limit on pending bytes.
@usableFromInline
struct Intake: Sendable {
  /// The most bytes that one read takes.
  @usableFromInline
  let budget: Int
  /// The most bytes held that were not handed out.
  @usableFromInline
  let mostPending: Int
  @usableFromInline
  var isEnded = false
  /// Whether the last read threw: more bytes may never come.
  @usableFromInline
  var isBroken = false

  /// Clamps extreme numbers, so that the sum does not overflow; the overhead is the delimiter or the prefix.
  init(limit: Int, budget: Int, overhead: Int) {
    self.budget = max(1, budget)
    mostPending = max(0, min(limit, .max / 4)) + min(self.budget, .max / 4) + overhead
  }
}

extension Intake {
  /// The maximum room for one read: another read costs a call, more room costs memory for each connection.
  @usableFromInline
  static var roomOfOneRead: Int { 16 * 1024 }

  /// Reads until no more bytes are available, the stream ends, or the budget is used up.
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
      // Stays set if the read throws.
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

/// What an intake requires of a decoder.
@usableFromInline
protocol StreamDecoder: ~Copyable {
  var hasFailed: Bool { get }
  var pendingCount: Int { get }
  /// Whether the bytes end with a whole line or frame.
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
