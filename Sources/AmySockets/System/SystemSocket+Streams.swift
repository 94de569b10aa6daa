public import Amy
internal import CAmy

/// Each call is one system call, or none if there is nothing to move, and allocates nothing.
extension SystemSocket {
  @usableFromInline
  func read(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    let count = unsafe room.withUnsafeMutableBufferPointer { buffer, count in
      let (start, free) = unsafe Self.room(buffer, count)
      if free == 0 { return Self.noRoom }
      let result = unsafe amy_socket_read(descriptor, start, free)
      if result > 0 { count &+= result }
      return result
    }
    return try Self.readResult(count)
  }

  @usableFromInline
  func read(over bytes: inout MutableSpan<UInt8>) throws(PollerError) -> ReadResult {
    if bytes.isEmpty { return .bytes(0) }
    return try Self.readResult(
      unsafe bytes.withUnsafeMutableBufferPointer { unsafe amy_socket_read(descriptor, $0.baseAddress, $0.count) })
  }

  @usableFromInline
  func peek(into room: inout OutputSpan<UInt8>) throws(PollerError) -> ReadResult {
    let count = unsafe room.withUnsafeMutableBufferPointer { buffer, count in
      let (start, free) = unsafe Self.room(buffer, count)
      if free == 0 { return Self.noRoom }
      let result = unsafe amy_socket_peek(descriptor, start, free)
      if result > 0 { count &+= result }
      return result
    }
    return try Self.readResult(count)
  }

  @usableFromInline
  func read(
    into first: inout OutputSpan<UInt8>, then second: inout OutputSpan<UInt8>
  ) throws(PollerError) -> ReadResult {
    let count = unsafe first.withUnsafeMutableBufferPointer { firstBuffer, firstCount in
      unsafe second.withUnsafeMutableBufferPointer { secondBuffer, secondCount in
        let (firstStart, firstFree) = unsafe Self.room(firstBuffer, firstCount)
        let (secondStart, secondFree) = unsafe Self.room(secondBuffer, secondCount)
        if firstFree &+ secondFree == 0 { return Self.noRoom }
        var segments = unsafe (
          amy_segment(bytes: firstStart, count: firstFree), amy_segment(bytes: secondStart, count: secondFree)
        )
        let result = unsafe withUnsafeBytes(of: &segments) { segments in
          unsafe amy_socket_read_segments(descriptor, segments.assumingMemoryBound(to: amy_segment.self).baseAddress, 2)
        }
        if result > 0 {
          let inFirst = min(result, firstFree)
          firstCount &+= inFirst
          secondCount &+= result &- inFirst
        }
        return result
      }
    }
    return try Self.readResult(count)
  }

  @usableFromInline
  func write(_ bytes: Span<UInt8>) throws(PollerError) -> WriteResult {
    if bytes.isEmpty { return .bytes(0) }
    return try Self.writeResult(
      unsafe bytes.withUnsafeBufferPointer { unsafe amy_socket_send(descriptor, $0.baseAddress, $0.count) })
  }

  @usableFromInline
  func write(_ first: Span<UInt8>, then second: Span<UInt8>) throws(PollerError) -> WriteResult {
    if first.isEmpty, second.isEmpty { return .bytes(0) }
    let result = unsafe first.withUnsafeBytes { first in
      unsafe second.withUnsafeBytes { second in
        var segments = unsafe (amy_segment(first), amy_segment(second))
        return unsafe withUnsafeBytes(of: &segments) { segments in
          unsafe amy_socket_send_segments(descriptor, segments.assumingMemoryBound(to: amy_segment.self).baseAddress, 2)
        }
      }
    }
    return try Self.writeResult(result)
  }

  /// Writes as many segments as one call takes.
  func write(segments: [[UInt8]], skipping offset: Int, isFile: Bool = false) throws(PollerError) -> WriteResult {
    let result = unsafe withUnsafeTemporaryAllocation(of: amy_segment.self, capacity: Int(amy_most_segments)) { list in
      unsafe send(segments[...], skipping: max(0, offset), list, 0, isFile)
    }
    return try Self.writeResult(result)
  }

  /// Recurses to collect the segments, so that every array lends its bytes until the one call at the end.
  private func send(
    _ segments: ArraySlice<[UInt8]>, skipping offset: Int, _ list: UnsafeMutableBufferPointer<amy_segment>, _ count: Int,
    _ isFile: Bool
  ) -> Int {
    var segments = segments
    var offset = offset
    while let segment = segments.first, segment.count <= offset {
      offset &-= segment.count
      segments.removeFirst()
    }
    guard count < list.count, let segment = segments.popFirst() else {
      if count == 0 { return 0 }
      if isFile { return unsafe amy_file_write_segments(descriptor, list.baseAddress, CInt(count)) }
      return unsafe amy_socket_send_segments(descriptor, list.baseAddress, CInt(count))
    }
    return unsafe segment.withUnsafeBytes { bytes in
      unsafe list.initializeElement(at: count, to: amy_segment(UnsafeRawBufferPointer(rebasing: bytes[offset...])))
      return unsafe send(segments, skipping: 0, list, count + 1, isFile)
    }
  }

  /// The most room that one read reserves in an array.
  @usableFromInline
  static var mostRoom: Int { 1 << 24 }

  /// Computes with numbers, because a span without room may have no address.
  @inline(__always)
  static func room(
    _ buffer: UnsafeMutableBufferPointer<UInt8>, _ count: Int
  ) -> (start: UnsafeMutableRawPointer?, count: Int) {
    let start = unsafe UnsafeMutableRawPointer(bitPattern: Int(bitPattern: buffer.baseAddress) &+ count)
    return unsafe (start, buffer.count &- count)
  }

  /// Stands for a read without room: neither the end, which is 0, nor an error.
  private static var noRoom: Int { .min }

  @inline(__always)
  private static func readResult(_ count: Int) throws(PollerError) -> ReadResult {
    if count > 0 { return .bytes(count) }
    return try readResult(withoutBytes: count)
  }

  @inline(never)
  private static func readResult(withoutBytes count: Int) throws(PollerError) -> ReadResult {
    if count == 0 { return .closed }
    if count == amy_would_block { return .wouldBlock }
    if count == noRoom { return .bytes(0) }
    throw PollerError(result: CInt(truncatingIfNeeded: count), of: .read)
  }

  @inline(__always)
  private static func writeResult(_ count: Int) throws(PollerError) -> WriteResult {
    if count >= 0 { return .bytes(count) }
    return try writeResult(withoutBytes: count)
  }

  @inline(never)
  private static func writeResult(withoutBytes count: Int) throws(PollerError) -> WriteResult {
    if count == amy_would_block { return .wouldBlock }
    throw PollerError(result: CInt(truncatingIfNeeded: count), of: .write)
  }
}

extension amy_segment {
  /// The kernel only reads the bytes, whatever the segment's type says.
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.init(bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress), count: bytes.count)
  }
}
