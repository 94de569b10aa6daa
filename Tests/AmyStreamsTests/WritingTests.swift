import Amy
import AmySockets
import AmyStreams
import SystemPackage
import Testing

@Suite("Writing")
struct WritingTests {
  @Test("an empty frame gets through, and so does the frame after it (W1)")
  func emptyFrame() throws {
    let pair = try tcpPair()
    let ours = pair.first
    let theirs = pair.second
    var writer = FrameWriter(limit: 1000)
    try writer.write([], to: ours)
    let interest = writer.interest
    #expect(interest == .none)
    try writer.write(bytes("next"), to: ours)
    var reader = FrameReader(limit: 10, budget: 100)
    var payloads: [[UInt8]] = []
    while payloads.count < 2 {
      try wait(for: .readable, on: theirs)
      _ = try reader.read(from: theirs)
      payloads += try reader.takeAll()
    }
    #expect(payloads == [[], bytes("next")])
  }

  @Test("accepts spans like arrays, up to the limit, and reports its limits and formats")
  func spans() throws {
    let script = Script()
    var writer = StreamWriter(limit: 10)
    let progress = try writer.write(bytes("ab").span, to: script)
    #expect(progress == WriteProgress(bytes: 2, pendingCount: 0))
    try writer.enqueue(bytes("cdefgh").span)
    let (limit, free) = (writer.limit, writer.freeCapacity)
    #expect(limit == 10 && free == 4)
    let (pending, interest, isCongested) = (writer.pendingCount, writer.interest, writer.isCongested)
    #expect(pending == 6 && interest == .writable && isCongested)
    #expect(throws: OutputQueueError.self) { try writer.enqueue(bytes("12345").span) }
    #expect(throws: StreamWriteError.self) { _ = try writer.write(bytes("12345").span, to: script) }
    try writer.flush(to: script)
    #expect(script.written == bytes("abcdefgh"))
    var frames = FrameWriter(limit: 77)
    let (frameLimit, format) = (frames.limit, frames.format)
    #expect(frameLimit == 77 && format == FrameFormat())
    let whole = Script()
    #expect(try frames.write(bytes("ab").span, to: whole).pendingCount == 0)
    #expect(try whole.written == AmyStreamsTests.frames([bytes("ab")]))
  }

  @Test("prefix and payload are written in one call, and so are many frames (W3)")
  func oneCall() throws {
    let script = Script()
    var writer = FrameWriter(limit: 1 << 20)
    let large = [UInt8](repeating: 1, count: 5000)
    let progress = try writer.write(large, to: script)
    #expect(progress == WriteProgress(bytes: 5004, pendingCount: 0))
    #expect(script.writes == 1)
    let payloads = (0..<30).map { [UInt8](repeating: UInt8($0), count: $0 * 100) }
    for payload in payloads { try writer.enqueue(payload) }
    #expect(script.writes == 1, "enqueueing made a call")
    try writer.flush(to: script)
    #expect(script.writes == 2)
    let isSame = try script.written == frames([large] + payloads)
    #expect(isSame)
    try writer.flush(to: script)
    #expect(script.writes == 2, "a call was made with nothing pending")
  }

  @Test("more than 64 segments take a call for each 64")
  func manySegments() throws {
    let script = Script()
    var writer = StreamWriter(limit: 1 << 20)
    for number in 0..<130 { try writer.enqueue([UInt8](repeating: UInt8(number), count: 1024)) }
    let progress = try writer.flush(to: script)
    #expect(progress == WriteProgress(bytes: 130 * 1024, pendingCount: 0))
    #expect(script.writes == 3)
    #expect(script.written == (0..<130).flatMap { [UInt8](repeating: UInt8($0), count: 1024) })
  }

  @Test("more segments than one call takes are written whole through a real socket", arguments: [64, 65, 200])
  func manySegmentsForReal(_ count: Int) throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    var writer = FrameWriter(limit: 1 << 22)
    var reader = FrameReader(limit: 2000, budget: 1 << 16)
    for number in 0..<count { try writer.enqueue([UInt8](repeating: UInt8(number), count: 1500)) }
    var received = 0
    while received < count {
      try writer.flush(to: ours)
      _ = try reader.read(from: theirs)
      while try reader.next() {
        let isRight = reader.withBytes { $0.count == 1500 && $0[0] == UInt8(received) && $0[1499] == UInt8(received) }
        #expect(isRight)
        received += 1
      }
    }
    let pending = writer.pendingCount
    #expect(pending == 0)
  }

  @Test("short writes at every byte lose nothing and send nothing twice (W3)", arguments: [10, 1024])
  func shortWrites(_ size: Int) throws {
    let payloads = [[], [UInt8](repeating: 1, count: size), [2], [UInt8](repeating: 3, count: size), bytes("end")]
    let expected = try frames(payloads)
    for cut in stride(from: 1, through: expected.count, by: size > 100 ? 31 : 1) {
      let script = Script(takes: [cut, 0, 1, 0])
      var writer = FrameWriter(limit: 1 << 16)
      for payload in payloads { try writer.enqueue(payload) }
      let first = try writer.flush(to: script)
      #expect(first == WriteProgress(bytes: cut, pendingCount: expected.count - cut))
      #expect(script.writes == 1, "a call was made after a short write")
      #expect(first.interest == (cut < expected.count ? .writable : .none))
      var calls = 0
      while writer.interest == .writable, calls < 5 {
        try writer.flush(to: script)
        calls += 1
      }
      #expect(script.written == expected)
    }
    let script = Script(takes: [Int](repeating: 1, count: expected.count))
    var writer = FrameWriter(limit: 1 << 16)
    for payload in payloads { try writer.enqueue(payload) }
    for _ in expected { try writer.flush(to: script) }
    let interest = writer.interest
    #expect(interest == .none && script.written == expected)
  }

  @Test("writing tries at once, unless something is pending")
  func triesAtOnce() throws {
    let script = Script(takes: [3, 0])
    var writer = StreamWriter(limit: 1000)
    let first = try writer.write("hello\n", to: script)
    #expect(first == WriteProgress(bytes: 3, pendingCount: 3) && script.writes == 1)
    let second = try writer.write("world\n", to: script)
    #expect(second == WriteProgress(bytes: 0, pendingCount: 9) && script.writes == 1, "pending bytes should wait for an event")
    let blocked = try writer.flush(to: script)
    #expect(blocked == WriteProgress(bytes: 0, pendingCount: 9))
    try writer.flush(to: script)
    #expect(script.written == bytes("hello\nworld\n"))
  }

  @Test("readiness alone drives a writer and a reader, with every trigger (W4)", arguments: [Trigger.once, .level, .edge])
  func drivenByReadiness(_ trigger: Trigger) throws {
    let poller = try Poller()
    let pair = try tcpPair()
    try pair.first.setSendBufferSize(8192)
    let ours = try Registration(pair.first, with: poller.registrar, for: .none, trigger: trigger)
    let theirs = try Registration(pair.second, with: poller.registrar, for: .readable, trigger: trigger)
    var writer = FrameWriter(limit: 1 << 22)
    var reader = FrameReader(limit: 100_000, budget: 1 << 16)
    let payloads = (0..<20).map { [UInt8](repeating: UInt8($0), count: 70_000 + $0) }
    for payload in payloads { try writer.write(payload, to: ours.source) }
    var waits = 0
    try ours.arm(for: writer.interest)
    var received = 0
    var events = EventBuffer()
    var isUnread = false
    while received < payloads.count {
      try poller.wait(into: &events, timeout: isUnread ? .zero : .seconds(30))
      waits += 1
      if events.count == 0, !isUnread { throw TookTooLong() }
      var isTheirTurn = isUnread
      for index in events.indices {
        if events[index].id == ours.id {
          let progress = try writer.flush(to: ours.source)
          if trigger != .edge { try ours.arm(for: progress.interest) }
        } else {
          isTheirTurn = true
        }
      }
      guard isTheirTurn else { continue }
      let progress = try reader.read(from: theirs.source)
      isUnread = trigger == .edge && progress.state == .budgetExhausted
      while try reader.next() {
        let isRight = reader.withBytes { $0.count == payloads[received].count && $0[$0.count - 1] == UInt8(received) }
        #expect(isRight)
        received += 1
      }
      if trigger != .edge { try theirs.arm(for: progress.interest) }
    }
    let pending = writer.pendingCount
    #expect(pending == 0 && waits > 5)
  }

  @Test("bytes over the limit are refused as a whole, and the level can be read (W5)")
  func limits() throws {
    let script = Script(takes: [Int](repeating: 0, count: 100))
    var writer = FrameWriter(limit: 100, highWaterMark: 50, lowWaterMark: 10)
    try writer.write([UInt8](repeating: 1, count: 40), to: script)
    let (isCalm, pending) = (!writer.isCongested, writer.pendingCount)
    #expect(isCalm && pending == 44)
    try writer.write([2, 2], to: script)
    let (isCongested, free) = (writer.isCongested, writer.freeCapacity)
    #expect(isCongested && free == 50)
    var thrown: StreamWriteError?
    do throws(StreamWriteError) { try writer.write([UInt8](repeating: 3, count: 47), to: script) } catch { thrown = error }
    #expect(thrown == .queueFull(.full(refused: 51, pending: 50, limit: 100)))
    #expect(thrown?.description.contains("too slowly") == true)
    let unchanged = writer.pendingCount
    #expect(unchanged == 50)
    script.takes = []
    try writer.flush(to: script)
    let isCalmAgain = !writer.isCongested
    #expect(isCalmAgain)
    let expected = try frames([[UInt8](repeating: 1, count: 40), [2, 2]])
    #expect(script.written == expected)
  }

  @Test("a payload whose length does not fit into the prefix is refused (W2)")
  func tooLong() throws {
    var writer = FrameWriter(format: FrameFormat(prefix: .oneByte), limit: 1000)
    var thrown: StreamWriteError?
    do throws(StreamWriteError) { try writer.write([UInt8](repeating: 1, count: 256), to: Script()) } catch { thrown = error }
    #expect(thrown == .tooLong(count: 256))
    let pending = writer.pendingCount
    #expect(pending == 0)
  }

  @Test("a line and its end are accepted both or neither")
  func lineAndEnd() throws {
    let script = Script()
    var writer = StreamWriter(limit: 6)
    try writer.enqueue(bytes("one").span, endedBy: bytes("\r\n"))
    var thrown: OutputQueueError?
    do throws(OutputQueueError) { try writer.enqueue(bytes("x").span, endedBy: bytes("\r\n")) } catch { thrown = error }
    #expect(thrown == .full(refused: 3, pending: 5, limit: 6))
    try writer.flush(to: script)
    #expect(script.written == bytes("one\r\n"))
  }

  @Test("a peer that is gone is an error, and no signal")
  func peerGone() throws {
    let pair = try UnixStream.pair()
    let ours = pair.first
    let theirs = pair.second
    close(theirs)
    var writer = StreamWriter(limit: 100)
    var thrown: StreamWriteError?
    do throws(StreamWriteError) { try writer.write("hello", to: ours) } catch { thrown = error }
    guard case .stream(let error) = thrown else { throw TookTooLong() }
    #expect(error.code == .connectionReset)
  }

  @Test("pipes can be written and read, too")
  func pipes() throws {
    let (readEnd, writeEnd) = try FileDescriptor.pipe()
    var writer = FrameWriter(limit: 1 << 16)
    var reader = FrameReader(limit: 5000, budget: 6000)
    try writer.enqueue([UInt8](repeating: 1, count: 4000))
    try writer.enqueue(bytes("small"))
    let progress = try writer.flush(to: writeEnd)
    #expect(progress == WriteProgress(bytes: 4013, pendingCount: 0))
    try writeEnd.close()
    let read = try reader.read(from: readEnd)
    #expect(read == ReadProgress(bytes: 4013, state: .closed))
    let payloads = try reader.takeAll()
    #expect(payloads == [[UInt8](repeating: 1, count: 4000), bytes("small")])
    try readEnd.close()
  }
}
