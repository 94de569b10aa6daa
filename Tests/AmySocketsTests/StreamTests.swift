import Amy
import AmySockets
import SystemPackage
import Testing

/// Promises of both kinds of stream, on a connection of each.
///
/// To see that a read or a write is one system call, count those of the test `costs` with strace: 1000 of each for each kind of
/// stream (the 40 further reads are the loader's):
///
///     strace -f -c -e trace=network,read .build/debug/swift-amyPackageTests.xctest \
///       --testing-library swift-testing --filter StreamTests/costs
///
/// With `-e inject=sendto:error=EINTR:when=1+2` instead of `-c`, it shows that an interrupted call is repeated.
@Suite("A stream")
struct StreamTests {
  @Test("receives the written bytes", arguments: Transport.allCases)
  func bytes(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      #expect(try pair.first.write([1, 2, 3].span) == .bytes(3))
      #expect(try read(3, from: pair.second) == [1, 2, 3])
      #expect(try pair.second.write([4, 5, 6, 7][1...]) == .bytes(3))
      #expect(try read(3, from: pair.first) == [5, 6, 7])
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("would block when nothing has arrived, and when the output is full", arguments: Transport.allCases)
  func wouldBlock(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      var bytes: [UInt8] = [9]
      #expect(try pair.second.read(appendingTo: &bytes, atMost: 10) == .wouldBlock)
      #expect(bytes == [9])
      let sent = try fill(pair.first)
      #expect(sent > 0)
      #expect(try pair.first.write([1]) == .wouldBlock)
      #expect(try !isReady(for: .writable, pair.first))
      #expect(try read(sent, from: pair.second).count == sent)
      try wait(for: .writable, on: pair.first)
      #expect(try pair.first.write([1]) == .bytes(1))
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("writes the part that fits, and says how much", arguments: Transport.allCases)
  func shortWrite(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      let message = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      var rest = message[...]
      var received: [UInt8] = []
      var wasShort = false
      while received.count < message.count {
        while !rest.isEmpty, case .bytes(let count) = try pair.first.write(rest) {
          wasShort = wasShort || count < rest.count
          rest = rest.dropFirst(count)
        }
        try wait(for: .readable, on: pair.second)
        received += try drain(pair.second).bytes
      }
      #expect(wasShort)
      #expect(received == message)
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("does not confuse an empty buffer with the end, nor an empty write with full output", arguments: Transport.allCases)
  func emptySpans(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      var none: [UInt8] = []
      #expect(try pair.first.read(appendingTo: &none, atMost: 0) == .bytes(0))
      #expect(try pair.first.read(appendingTo: &none, atMost: -1) == .bytes(0))
      _ = try fill(pair.first)
      #expect(try pair.first.write([]) == .bytes(0))
      #expect(try pair.first.write(none.span, then: none.span) == .bytes(0))
      #expect(try pair.first.write(segments: []) == .bytes(0))
      #expect(try pair.first.write(segments: [[], []]) == .bytes(0))
      #expect(try pair.first.write(segments: [[1, 2], [3]], skipping: 3) == .bytes(0))
      #expect(try pair.first.write(segments: [[1, 2], [3]], skipping: 300) == .bytes(0))
      // Also after the end.
      try pair.first.shutdown(.writing)
      _ = try drain(pair.second)
      #expect(try pair.second.read(appendingTo: &none, atMost: 0) == .bytes(0))
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("appends to the contents of a span, up to its room", arguments: Transport.allCases)
  func outputSpan(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      _ = try pair.first.write([1, 2, 3, 4, 5])
      try wait(for: .readable, on: pair.second)
      let bytes = try [UInt8](capacity: 4) { (room: inout OutputSpan<UInt8>) throws in
        room.append(9)
        #expect(try pair.second.read(into: &room) == .bytes(3))
        let isFull = room.isFull
        #expect(isFull)
        #expect(try pair.second.read(into: &room) == .bytes(0))
      }
      #expect(bytes == [9, 1, 2, 3])
      #expect(try read(2, from: pair.second) == [4, 5])
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("overwrites a buffer from its first byte, and leaves the rest", arguments: Transport.allCases)
  func over(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      var buffer: [UInt8] = [9, 9, 9, 9]
      func read() throws -> ReadResult {
        var room = buffer.mutableSpan
        return try pair.second.read(over: &room)
      }
      func readOverNothing() throws -> ReadResult {
        var room = MutableSpan<UInt8>()
        return try pair.second.read(over: &room)
      }
      #expect(try read() == .wouldBlock)
      #expect(try pair.first.write([1, 2]) == .bytes(2))
      try wait(for: .readable, on: pair.second)
      #expect(try readOverNothing() == .bytes(0))
      #expect(try read() == .bytes(2))
      #expect(buffer == [1, 2, 9, 9])
      #expect(try pair.first.write([3, 4, 5, 6, 7]) == .bytes(5))
      try wait(for: .readable, on: pair.second)
      #expect(try read() == .bytes(4))
      #expect(buffer == [3, 4, 5, 6])
      #expect(try read() == .bytes(1))
      #expect(buffer == [7, 4, 5, 6])
      try pair.first.shutdown(.writing)
      try wait(for: .readable, on: pair.second)
      #expect(try readOverNothing() == .bytes(0), "an empty buffer is not the end")
      #expect(try read() == .closed)
      #expect(buffer == [7, 4, 5, 6])
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("peeks at bytes without taking them", arguments: Transport.allCases)
  func peek(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      var seen: [UInt8] = []
      func peek(_ count: Int) throws -> ReadResult {
        var result = ReadResult.closed
        try seen.append(addingCapacity: count) { (room: inout OutputSpan<UInt8>) throws in
          result = try pair.second.peek(into: &room)
        }
        return result
      }
      #expect(try peek(1) == .wouldBlock)
      _ = try pair.first.write([1, 2, 3])
      try wait(for: .readable, on: pair.second)
      #expect(try peek(0) == .bytes(0))
      #expect(try peek(2) == .bytes(2))
      #expect(try peek(9) == .bytes(3))
      #expect(seen == [1, 2, 1, 2, 3])
      #expect(try read(3, from: pair.second) == [1, 2, 3])
      try pair.first.shutdown(.writing)
      try wait(for: .readable, on: pair.second)
      #expect(try peek(1) == .closed)
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("reads to the end after the peer shut down writing, and can still answer", arguments: Transport.allCases)
  func halfClose(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      _ = try pair.first.write([1, 2])
      try pair.first.shutdown(.writing)
      #expect(try read(9, from: pair.second) == [1, 2])
      var bytes: [UInt8] = []
      #expect(try pair.second.read(appendingTo: &bytes, atMost: 9) == .closed)
      #expect(error { _ = try pair.first.write([3]) }?.code == .connectionReset)
      #expect(try pair.second.write([4]) == .bytes(1))
      #expect(try read(1, from: pair.first) == [4])
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("reads the end after shutting down reading, and fails to write after shutting down both", arguments: Transport.allCases)
  func shutdown(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      try pair.first.shutdown(.reading)
      #expect(try read(1, from: pair.first) == [])
      #expect(try pair.first.write([1]) == .bytes(1))
      try pair.first.shutdown(.both)
      #expect(error { _ = try pair.first.write([1]) }?.code == .connectionReset)
      #expect(try read(9, from: pair.second) == [1])
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("reports a closed peer when writing, without a signal", arguments: Transport.allCases)
  func closedPeer(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(
      _ stream: borrowing Stream, _ write: () throws -> Void
    ) throws {
      // Bytes sent before the peer's reset arrives are lost.
      var failure: PollerError?
      for _ in 0..<1000 where failure == nil {
        failure = error(write)
        if failure == nil { try wait(for: .writable, on: stream) }
      }
      #expect(failure?.code == .connectionReset)
    }
    switch transport {
    case .tcp:
      let pair = try tcpPair()
      let stream = pair.first
      close(pair.second)
      try check(stream) { _ = try stream.write([1]) }
      try check(stream) { _ = try stream.write([1].span, then: [2].span) }
      try check(stream) { _ = try stream.write(segments: [[1], [2]]) }
    case .unix:
      let pair = try UnixStream.pair()
      let stream = pair.first
      close(pair.second)
      try check(stream) { _ = try stream.write([1]) }
      try check(stream) { _ = try stream.write([1].span, then: [2].span) }
      try check(stream) { _ = try stream.write(segments: [[1], [2]]) }
    }
  }

  @Test("reports a reset by the peer")
  func reset() throws {
    let pair = try tcpPair()
    let ours = pair.first
    try pair.second.setLinger(.zero)
    #expect(try pair.second.linger == .zero)
    close(pair.second)
    try wait(for: .readable, on: ours)
    #expect(try ours.pendingError()?.code == .connectionReset)
    #expect(try ours.pendingError() == nil)
  }

  @Test("reads into two spans, the first one first", arguments: Transport.allCases)
  func vectoredRead(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      func read(_ first: Int, _ second: Int, behind before: [UInt8] = []) throws -> ([UInt8], [UInt8], ReadResult) {
        // With capacity of their own: appending no bytes to an empty array would write to the storage that all empty arrays
        // share.
        var (header, payload): ([UInt8], [UInt8]) = ([], [])
        header.reserveCapacity(8)
        payload.reserveCapacity(8)
        var result = ReadResult.closed
        try header.append(addingCapacity: first + before.count) { (header: inout OutputSpan<UInt8>) throws in
          for byte in before { header.append(byte) }
          try payload.append(addingCapacity: second) { (payload: inout OutputSpan<UInt8>) throws in
            result = try pair.second.read(into: &header, then: &payload)
          }
        }
        return (header, payload, result)
      }
      #expect(try read(2, 2) == ([], [], .wouldBlock))
      #expect(try read(0, 0) == ([], [], .bytes(0)))
      _ = try pair.first.write([1, 2, 3, 4, 5, 6, 7, 8, 9])
      try wait(for: .readable, on: pair.second)
      #expect(try read(2, 3) == ([1, 2], [3, 4, 5], .bytes(5)))
      #expect(try read(0, 1) == ([], [6], .bytes(1)))
      #expect(try read(1, 0) == ([7], [], .bytes(1)))
      #expect(try read(5, 5) == ([8, 9], [], .bytes(2)))
      // Behind bytes that the first span has already.
      _ = try pair.first.write([10, 11, 12, 13])
      try wait(for: .readable, on: pair.second)
      #expect(try read(2, 1, behind: [0, 0, 0]) == ([0, 0, 0, 10, 11], [12], .bytes(3)))
      #expect(try read(5, 5, behind: [0]) == ([0, 13], [], .bytes(1)))
      try pair.first.shutdown(.writing)
      try wait(for: .readable, on: pair.second)
      #expect(try read(5, 5) == ([], [], .closed))
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("writes header and payload in one call", arguments: Transport.allCases)
  func vectoredWrite(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      let (header, payload, none): ([UInt8], [UInt8], [UInt8]) = ([1, 2], [3, 4, 5], [])
      #expect(try pair.first.write(header.span, then: payload.span) == .bytes(5))
      #expect(try pair.first.write(none.span, then: header.span) == .bytes(2))
      #expect(try pair.first.write(header.span, then: none.span) == .bytes(2))
      #expect(try read(9, from: pair.second) == [1, 2, 3, 4, 5, 1, 2, 1, 2])
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("writes many segments, and continues after a short write", arguments: Transport.allCases)
  func segments(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      #expect(try pair.first.write(segments: [[], [1, 2], [], [3], []], skipping: 1) == .bytes(2))
      #expect(try read(2, from: pair.second) == [2, 3])
      // More segments than one call takes, of all lengths, and more bytes than the socket holds.
      let segments = (0..<3000).map { index in [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 2111) }
      let message = segments.flatMap { $0 }
      var sent = 0
      var received: [UInt8] = []
      while received.count < message.count {
        while sent < message.count, case .bytes(let count) = try pair.first.write(segments: segments, skipping: sent) {
          #expect(count > 0)
          sent += count
        }
        try wait(for: .readable, on: pair.second)
        received += try drain(pair.second).bytes
      }
      #expect(received == message)
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("costs one system call for each read and each write", arguments: Transport.allCases)
  func costs(_ transport: Transport) throws {
    func check<Stream: StreamSocket & ~Copyable>(_ pair: borrowing SocketPair<Stream>) throws {
      var bytes: [UInt8] = []
      for _ in 0..<1000 {
        #expect(try pair.first.write([1]) == .bytes(1))
        while try pair.second.read(appendingTo: &bytes, atMost: 1) != .bytes(1) {}
        bytes.removeAll(keepingCapacity: true)
      }
    }
    switch transport {
    case .tcp: try check(tcpPair())
    case .unix: try check(UnixStream.pair())
    }
  }

  @Test("can be read in both directions while full in both")
  func crossing() throws {
    let pair = try UnixStream.pair()
    // Full both ways, which hinders no reader.
    let (there, back) = (try fill(pair.first), try fill(pair.second))
    #expect(try read(back, from: pair.first).count == back)
    #expect(try read(there, from: pair.second).count == there)
  }
}
