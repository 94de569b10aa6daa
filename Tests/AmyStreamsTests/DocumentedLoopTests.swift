import Amy
import AmySockets
import AmyStreams
import Foundation
import Testing

/// The loop from the documentation of `FrameReader`, copied as by a user.
private struct Echo: ~Copyable {
  var frames = FrameReader(limit: 1 << 20, budget: 1 << 16)
  var output = FrameWriter(limit: 1 << 21, highWaterMark: 1 << 16)
  var isClosed = false

  private mutating func close() { isClosed = true }

  mutating func serve(_ registration: borrowing Registration<UnixStream>) throws {
    // ... the stream is readable or writable:
    try output.flush(to: registration.source)
    var isOver = false
    if !output.isCongested { isOver = try frames.read(from: registration.source).isAtEnd }
    while !output.isCongested, (try? frames.next()) == true {
      try frames.withBytes { payload in try output.enqueue(payload) }
      if output.isCongested { try output.flush(to: registration.source) }
    }
    if !output.isCongested { try output.flush(to: registration.source) }
    isOver = isOver || frames.failure != nil
    if isOver, output.pendingCount == 0 { return close() }
    let isWriting = isOver || output.isCongested
    try registration.arm(for: isWriting ? .writable : output.interest.union(.readable))
  }
}

@Suite("The documented loop", .timeLimit(.minutes(10)))
struct DocumentedLoopTests {
  @Test("is the same in the documentation and here")
  func text() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    func lines(_ path: String) throws -> [String] {
      try String(contentsOf: root.appending(path: path), encoding: .utf8).components(separatedBy: "\n")
    }
    func isOpening(_ line: String) -> Bool { line.hasSuffix("// ... the stream is readable or writable:") }
    let documentation = try lines("Sources/AmyStreams/FrameReader.swift")
    let documented = documentation.drop { !isOpening($0) }.prefix { $0 != "/// ```" }.map { String($0.dropFirst(4)) }
    let tested = try lines("Tests/AmyStreamsTests/DocumentedLoopTests.swift").drop { !isOpening($0) }
    #expect(documented.count > 10)
    #expect(documented == tested.prefix(documented.count).map { String($0.dropFirst(4)) })
  }

  /// Sends bytes in pieces of the given size, if possible all before reading, then the end; returns the answer.
  private func answers(to bytes: [UInt8], pieces: Int, _ trigger: Trigger) throws -> [UInt8] {
    let pair = try UnixStream.pair()
    let client = pair.first
    let poller = try Poller()
    let registration = try Registration(pair.second, with: poller.registrar, for: .readable, trigger: trigger)
    let ours = try poller.registrar.register(client, for: .writable, trigger: .level)
    var echo = Echo()
    var (sent, isStuck, isOver) = (0, false, false)
    var answers: [UInt8] = []
    var events = EventBuffer()
    while !isOver {
      // The client reads when it can send no more, or has sent all.
      try poller.wait(into: &events, timeout: isStuck ? .seconds(30) : .milliseconds(50))
      if events.isEmpty, isStuck { throw TookTooLong() }
      if events.isEmpty { isStuck = true }
      for index in events.indices where events[index].id == registration.id && !echo.isClosed {
        try echo.serve(registration)
        if echo.isClosed { try registration.source.shutdown(.writing) }
      }
      if sent < bytes.count, case .bytes(let count) = try client.write(bytes[sent...].prefix(pieces)) {
        sent += count
        if sent == bytes.count { try client.shutdown(.writing) }
      }
      if isStuck || sent == bytes.count {
        isOver = try client.read(appendingTo: &answers, atMost: 1 << 16) == .closed
        let interest: Interest = sent < bytes.count ? [.readable, .writable] : .readable
        try poller.registrar.reregister(client, as: ours, for: interest, trigger: .level)
      }
    }
    return answers
  }

  @Test("answers every valid frame before a fault or an end", arguments: [Trigger.once, .level], [1, 7, 1 << 20])
  func fault(_ trigger: Trigger, _ pieces: Int) throws {
    let right = try frames((0..<50).map { [7, $0] })
    for wrong in [[], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 9, 1]] as [[UInt8]] {
      let answers = try answers(to: right + wrong, pieces: pieces, trigger)
      #expect(answers == right)
    }
  }

  @Test("answers a client that sends everything before it reads", arguments: [Trigger.once, .level], [60_000, 1 << 23])
  func pipelining(_ trigger: Trigger, _ pieces: Int) throws {
    let right = try frames((0..<200).map { [UInt8](repeating: UInt8($0), count: $0 * 200) })
    let answers = try answers(to: right, pieces: pieces, trigger)
    #expect(answers == right)
  }
}
