import Amy
import AmySockets
import AmyStreams
import AmyTestSupport
import AmyThreads
import CAmyTestSupport
import SystemPackage
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("Reading")
struct ReadingTests {
  @Test("reports its limits, its pending bytes, and its failure")
  func properties() throws {
    let source = Script([.bytes(bytes("abc\ndefghijkl"))])
    var lines = LineReader(delimiter: .lineFeed, limit: 5, budget: 100)
    let (limit, budget, delimiter) = (lines.limit, lines.budget, lines.delimiter)
    #expect(limit == 5 && budget == 100 && delimiter == .lineFeed)
    _ = try lines.read(from: source)
    #expect(throws: LineError.tooLong(limit: 5)) { _ = try lines.takeAll() }
    let failure = lines.failure
    #expect(failure == .tooLong(limit: 5))
    var frames = FrameReader(limit: 2, budget: 50)
    let (frameLimit, frameBudget, format) = (frames.limit, frames.budget, frames.format)
    #expect(frameLimit == 2 && frameBudget == 50 && format == FrameFormat())
    _ = try frames.read(from: Script([.bytes([0, 0, 0, 9])]))
    let pending = frames.pendingCount
    #expect(pending == 4)
    #expect(throws: FrameError.tooLong(length: 9, limit: 2)) { _ = try frames.takeAll() }
    let frameFailure = frames.failure
    #expect(frameFailure == .tooLong(length: 9, limit: 2))
  }

  @Test("items left in a reader make no event, with any trigger", arguments: Trigger.allCases)
  func itemsLeft(_ trigger: Trigger) throws {
    let pair = try UnixStream.pair()
    let poller = try Poller()
    let id = try poller.registrar.register(pair.first, for: .readable, trigger: trigger)
    var events = EventBuffer()
    _ = try pair.second.write(bytes("a\nb\nc\n"))
    try poller.wait(into: &events, timeout: .seconds(30))
    #expect(events.count == 1)
    var reader = LineReader(limit: 100, budget: 1000)
    #expect(try reader.read(from: pair.first).state == .wouldBlock)
    #expect(try reader.next())
    let lent = reader.withBytes { $0.count }
    #expect(lent == 1)
    if trigger == .once { try poller.registrar.reregister(pair.first, as: id, for: .readable, trigger: .once) }
    // The kernel has no bytes left to report.
    try poller.wait(into: &events, timeout: .zero)
    #expect(events.count == 0)
    #expect(try reader.takeAll() == ["b", "c"])
  }

  @Test("a whole frame without anything after it is progress, not an error (F2)")
  func frameThenNothing() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write(frames([bytes("hello")]))
    var reader = FrameReader(limit: 100, budget: 1000)
    let first = try reader.read(from: ours)
    #expect(first == ReadProgress(bytes: 9, state: .wouldBlock))
    #expect(first.interest == .readable)
    let payloads = try reader.takeAll()
    #expect(payloads == [bytes("hello")])
    let second = try reader.read(from: ours)
    #expect(second == ReadProgress(bytes: 0, state: .wouldBlock))
  }

  @Test("data and the end in one call are both reported (F4)")
  func dataAndEnd() throws {
    let pair = try tcpPair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write(frames([bytes("one"), [], bytes("two")]))
    close(theirs)
    var reader = FrameReader(limit: 100, budget: 1000)
    var taken = 0
    var progress = ReadProgress(bytes: 0, state: .wouldBlock)
    while !progress.isAtEnd {
      try wait(for: .readable, on: ours)
      progress = try reader.read(from: ours)
      taken += progress.bytes
    }
    #expect(progress.state == .closed && progress.interest == .none)
    #expect(taken == 18)
    let payloads = try reader.takeAll()
    #expect(payloads == [bytes("one"), [], bytes("two")])
    let again = try reader.read(from: ours)
    #expect(again == ReadProgress(bytes: 0, state: .closed))
  }

  @Test("data and the end that arrived together are read in one call (F4)")
  func dataAndEndInOneCall() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write(bytes("one\ntwo\n"))
    close(theirs)
    var reader = LineReader(limit: 100, budget: 1000)
    let progress = try reader.read(from: ours)
    #expect(progress == ReadProgress(bytes: 8, state: .closed))
    let lines = try reader.takeAll()
    #expect(lines == ["one", "two"])
  }

  @Test("an end inside a frame is distinguished, after the frames before it (F4)", arguments: [1, 3, 4, 6])
  func endInsideFrame(_ count: Int) throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write(frames([bytes("whole")]) + frames([bytes("part")]).prefix(count))
    close(theirs)
    var reader = FrameReader(limit: 100, budget: 1000)
    let progress = try reader.read(from: ours)
    #expect(progress == ReadProgress(bytes: 9 + count, state: .closedInside))
    let hasFirst = try reader.next()
    let first = reader.copy()
    #expect(hasFirst && first == bytes("whole"))
    for _ in 0..<2 {
      var thrown: FrameError?
      do throws(FrameError) { _ = try reader.next() } catch { thrown = error }
      #expect(thrown == .endedInsideFrame(received: count))
    }
    let last = try reader.read(from: ours)
    #expect(last.state == .failed)
  }

  @Test("an end inside a line is distinguished, and the rest is available on request (F4)")
  func endInsideLine() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write(bytes("whole\npart"))
    close(theirs)
    var reader = LineReader(limit: 100, budget: 1000)
    let progress = try reader.read(from: ours)
    #expect(progress == ReadProgress(bytes: 10, state: .closedInside))
    let lines = try reader.takeAll()
    #expect(lines == ["whole"])
    let hasRest = try reader.nextOrRest()
    let rest = try reader.string()
    #expect(hasRest && rest == "part")
    let hasMore = try reader.nextOrRest()
    #expect(!hasMore)
  }

  @Test(
    "the end of lines is found for any delimiter",
    arguments: [
      ("aaa", "aa", false), ("aaaa", "aa", true), ("x\r\n", "\r\n", true), ("x\r", "\r\n", false), ("", "aa", true),
      ("x\n", "\n", true), ("\r\n\r\n", "\r\n", true), ("ababa", "aba", false), ("abaaba", "aba", true),
    ])
  func endOfLines(_ input: String, _ delimiter: String, _ isBetween: Bool) throws {
    var reader = LineReader(delimiter: LineDelimiter(bytes(delimiter)), limit: 100, budget: 100)
    let progress = try reader.read(from: Script(input.isEmpty ? [.end] : [.bytes(bytes(input)), .end]))
    #expect(progress.state == (isBetween ? .closed : .closedInside))
    while try reader.next() {}
    #expect((reader.pendingCount == 0) == isBetween, "the decoder disagrees")
  }

  @Test("a budget is respected, and reports that there may be more (F5)", arguments: [1, 7, 1000, 16_384, 20_000, 1 << 20])
  func budget(_ budget: Int) throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    var sent = 0
    while sent < 50_000, case .bytes(let count) = try theirs.write([UInt8](repeating: 10, count: 50_000 - sent)) {
      sent += count
    }
    var reader = LineReader(limit: 100, budget: budget)
    var received = 0
    var calls = 0
    while received < sent {
      let progress = try reader.read(from: ours)
      calls += 1
      received += progress.bytes
      #expect(progress.bytes <= budget)
      #expect((progress.bytes == budget) == (progress.state == .budgetExhausted))
      #expect(progress.interest == .readable)
      while try reader.next() {}
    }
    #expect(received == sent)
    #expect(calls == max(1, (sent + budget - 1) / budget))
  }

  @Test("bytes left after the budget are reported at once by once and level (F5)", arguments: [Trigger.once, .level])
  func budgetAndTrigger(_ trigger: Trigger) throws {
    let poller = try Poller()
    let pair = try UnixStream.pair()
    let theirs = pair.second
    let registration = try Registration(pair.first, with: poller.registrar, for: .readable, trigger: trigger)
    _ = try theirs.write(frames([[1], [2], [3], [4]]))
    var reader = FrameReader(limit: 10, budget: 5)
    var events = EventBuffer()
    var payloads: [[UInt8]] = []
    while payloads.count < 4 {
      try poller.wait(into: &events, timeout: .seconds(30))
      guard events.count == 1 else { throw TookTooLong() }
      let progress = try reader.read(from: registration.source)
      #expect(progress == ReadProgress(bytes: 5, state: .budgetExhausted))
      payloads += try reader.takeAll()
      try registration.arm(for: progress.interest)
    }
    #expect(payloads == [[1], [2], [3], [4]])
  }

  @Test("byte by byte gives the same as in one piece")
  func byteByByte() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    let payloads = [bytes("one"), [], [UInt8](repeating: 7, count: 300), bytes("x")]
    var reader = FrameReader(format: FrameFormat(prefix: .varint), limit: 300, budget: 64)
    var received: [[UInt8]] = []
    for byte in try frames(payloads, FrameFormat(prefix: .varint)) {
      _ = try theirs.write([byte])
      let progress = try reader.read(from: ours)
      #expect(progress == ReadProgress(bytes: 1, state: .wouldBlock))
      received += try reader.takeAll()
    }
    #expect(received == payloads)
  }

  @Test("a header of FF FF FF FF is an error before any payload, and allocates nothing (F1)")
  func hugeHeader() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write([0xff, 0xff, 0xff, 0xff])
    var reader = FrameReader(limit: 1 << 20, budget: 4096)
    _ = try reader.read(from: ours)
    var thrown: FrameError?
    do throws(FrameError) { _ = try reader.next() } catch { thrown = error }
    #expect(thrown == .tooLong(length: 0xffff_ffff, limit: 1 << 20))
    let capacity = reader.capacity
    #expect(capacity == 0)
    _ = try theirs.write([1, 2, 3])
    let progress = try reader.read(from: ours)
    #expect(progress == ReadProgress(bytes: 0, state: .failed) && progress.interest == .none)
    var left: [UInt8] = []
    _ = try ours.read(appendingTo: &left, atMost: 10)
    #expect(left == [1, 2, 3], "a failed reader read more bytes")
  }

  @Test("reading pauses while no items are taken: memory is bounded by limit and budget")
  func nobodyTakes() throws {
    let script = Script([.bytes([UInt8](repeating: 10, count: 1 << 20))])
    var reader = LineReader(limit: 1000, budget: 3000)
    var last = ReadProgress(bytes: 1, state: .wouldBlock)
    while last.bytes > 0 { last = try reader.read(from: script) }
    #expect(last == ReadProgress(bytes: 0, state: .budgetExhausted))
    let (pending, capacity) = (reader.pendingCount, reader.capacity)
    #expect(pending == 4002)
    #expect(capacity <= 2 * (4002 + 3000))
    while try reader.next() {}
    let next = try reader.read(from: script)
    #expect(next == ReadProgress(bytes: 3000, state: .budgetExhausted), "reading should continue once items are taken")
  }

  @Test("a frame at the limit passes through the smallest budget, without a deadlock")
  func limitAndBudget() throws {
    let payload = [UInt8](repeating: 1, count: 70_000)
    let script = Script([.bytes(try frames([payload, payload]))])
    var reader = FrameReader(limit: 70_000, budget: 1)
    var received: [[UInt8]] = []
    while received.count < 2 {
      let progress = try reader.read(from: script)
      #expect(progress == ReadProgress(bytes: 1, state: .budgetExhausted))
      received += try reader.takeAll()
    }
    #expect(received == [payload, payload])
  }

  @Test("lines read before an error are still available")
  func bytesThenError() throws {
    let script = Script([.bytes(bytes("one\n")), .fail(PollerError(.connectionReset))])
    var reader = LineReader(limit: 100, budget: 1000)
    var thrown: PollerError?
    do throws(PollerError) { _ = try reader.read(from: script) } catch { thrown = error }
    #expect(thrown == PollerError(.connectionReset))
    let lines = try reader.takeAll()
    #expect(lines == ["one"])
  }

  @Test("a partial last line, and frames, read before an error are still available")
  func restBeforeError() throws {
    let script = Script([.bytes(bytes("one\npart")), .fail(PollerError(.connectionReset))])
    var reader = LineReader(limit: 100, budget: 1000)
    #expect(throws: PollerError(.connectionReset)) { try reader.read(from: script) }
    let lines = try reader.takeAll()
    #expect(lines == ["one"])
    var copy = LineReader(limit: 100, budget: 1000)
    let same = Script([.bytes(bytes("one\npart")), .fail(PollerError(.connectionReset))])
    #expect(throws: PollerError(.connectionReset)) { try copy.read(from: same) }
    var all: [String] = []
    while try copy.nextOrRest() { all.append(try copy.string()) }
    #expect(all == ["one", "part"])
    // Reading on gets the whole line.
    script.steps = [.bytes(bytes("ial\nno"))]
    _ = try reader.read(from: script)
    while try reader.nextOrRest() { all.append(try reader.string()) }
    #expect(all == ["one", "part", "partial"])

    let broken = Script([.bytes(try frames([[1], [2]]) + [0, 0]), .fail(PollerError(.connectionReset))])
    var payloads = FrameReader(limit: 100, budget: 1000)
    #expect(throws: PollerError(.connectionReset)) { try payloads.read(from: broken) }
    let taken = try payloads.takeAll()
    #expect(taken == [[1], [2]])
  }

  @Test("a terminal ends when its other end is closed, and its last partial line is available", arguments: [false, true])
  func terminal(_ isReadBefore: Bool) throws {
    var (first, second): (CInt, CInt) = (-1, -1)
    try #require(amy_test_open_terminal(&first, &second) == 0)
    let (ours, theirs) = (FileDescriptor(rawValue: first), FileDescriptor(rawValue: second))
    var reader = LineReader(limit: 100, budget: 1000)
    try theirs.writeAll("whole\npart".utf8)
    if isReadBefore {
      try wait(for: .readable, on: ours)
      let progress = try reader.read(from: ours)
      #expect(progress.state == .wouldBlock)
    }
    try theirs.close()
    var state = ReadProgress.State.wouldBlock
    for _ in 0..<10 where state == .wouldBlock {
      try wait(for: .readable, on: ours)
      state = try reader.read(from: ours).state
    }
    #expect(state == .closedInside)
    var lines: [String] = []
    while try reader.nextOrRest() { lines.append(try reader.string()) }
    #expect(lines == ["whole", "part"])
    try ours.close()
  }

  @Test("EIO from anything but a terminal is an error", .enabled(if: access(memory, R_OK) == 0, "only Linux has this file"))
  func noTerminal() throws {
    // Nothing is mapped at address 0.
    let memory = try FileDescriptor.open(Self.memory, .readOnly)
    var reader = LineReader(limit: 100, budget: 1000)
    #expect(throws: PollerError(.ioError, errno: .ioError)) { try reader.read(from: memory) }
    try memory.close()
  }

  private static let memory = "/proc/self/mem"

  @Test("counted bytes between lines can be read, too")
  func counted() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    _ = try theirs.write(bytes("$5\r\na\nb\nc\r\nPING\r\nrest"))
    var reader = LineReader(limit: 100, budget: 1000)
    _ = try reader.read(from: ours)
    let hasHead = try reader.next()
    #expect(hasHead)
    let hasBulk = try reader.next(count: 5)
    let bulk = reader.copy()
    #expect(hasBulk && bulk == bytes("a\nb\nc"))
    let lines = try reader.takeAll()
    #expect(lines == ["", "PING"])
    let hasPiece = try reader.nextPiece(atMost: 100)
    let piece = reader.repairedString()
    #expect(hasPiece && piece == "rest")
  }

  @Test("one system call for the available bytes, and one to learn that there are no more")
  func calls() throws {
    let script = Script([.bytes(bytes("one\n"))])
    var reader = LineReader(limit: 100, budget: 1000)
    _ = try reader.read(from: script)
    #expect(script.reads == 2)
    script.steps = [.bytes(bytes("two\n")), .end]
    _ = try reader.read(from: script)
    #expect(script.reads == 4)
    _ = try reader.read(from: script)
    #expect(script.reads == 4, "a call was made after the end")
  }

  @Test("no system call after the end, nor after an error of the decoder")
  func callsAfterTheEnd() throws {
    let script = Script([.bytes([0, 0, 0, 1, 7]), .end])
    var frames = FrameReader(limit: 100, budget: 1000)
    _ = try frames.read(from: script)
    _ = try frames.read(from: script)
    #expect(script.reads == 2)
    for isOfLines in [true, false] {
      let script = Script([.bytes([UInt8](repeating: 255, count: 20))])
      var lines = LineReader(limit: 10, budget: 1000)
      var frames = FrameReader(limit: 10, budget: 1000)
      _ = try isOfLines ? lines.read(from: script) : frames.read(from: script)
      let reads = script.reads
      #expect(throws: (any Error).self) { if isOfLines { _ = try lines.next() } else { _ = try frames.next() } }
      _ = try isOfLines ? lines.read(from: script) : frames.read(from: script)
      #expect(script.reads == reads)
    }
  }

  @Test("an interrupted call is repeated (F6)")
  func interrupted() throws {
    let (readEnd, writeEnd) = try FileDescriptor.pipe()
    amy_test_handle(SIGUSR2)
    let handled = amy_test_handled()
    let (identity, isOver) = (Tally(), Tally())
    // A blocking pipe: a signal interrupts only a call that waits, of a thread that does not block it.
    let reader = try SystemThread<[String], Never>(named: "interrupted", blocking: []) {
      identity.add(Int(pthread_self()))
      let lines = takeLines(from: readEnd)
      // It takes the signals that are still to come, even after an error.
      isOver.wait(for: 1)
      return lines
    }
    identity.wait(for: 1)
    for round in 0..<5 {
      Sleepers.wait(for: 1, named: "interrupted")
      pthread_kill(pthread_t(identity.value), SIGUSR2)
      // Two signals that are pending at once would be one.
      while amy_test_handled() <= handled + Int32(round) { usleep(100) }
      if round == 2 { _ = try writeEnd.writeAll("one\n".utf8) }
    }
    _ = try writeEnd.writeAll("two\n".utf8)
    try writeEnd.close()
    isOver.add(1)
    #expect(reader.join() == ["one", "two"])
    try readEnd.close()
  }
}

/// Returns the lines until the end, or the error.
private func takeLines(from source: FileDescriptor) -> [String] {
  var reader = LineReader(limit: 100, budget: 1000)
  var lines: [String] = []
  do {
    while true {
      let progress = try reader.read(from: source)
      lines += try reader.takeAll()
      if progress.isAtEnd { return lines }
    }
  } catch {
    return ["\(error)"]
  }
}
