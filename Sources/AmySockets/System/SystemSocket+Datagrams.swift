public import Amy
internal import CAmy
internal import SystemPackage

/// Each call is one system call, also for an empty datagram, and allocates only a Unix sender's name.
extension SystemSocket {
  @usableFromInline
  func send(_ bytes: Span<UInt8>, to endpoint: Endpoint) throws(PollerError) -> SendResult {
    var address = endpoint.address
    let result = unsafe bytes.withUnsafeBufferPointer {
      unsafe amy_socket_send_to(descriptor, $0.baseAddress, $0.count, &address)
    }
    // On Linux it may also mean that too much of this socket's data is in flight; the kernel does not say which.
    if result == amy_receiver_full, endpoint.family == .unix { return .receiverFull }
    return try Self.sendResult(result)
  }

  @usableFromInline
  func send(_ bytes: Span<UInt8>) throws(PollerError) -> SendResult {
    try Self.sendResult(
      unsafe bytes.withUnsafeBufferPointer { unsafe amy_socket_send(descriptor, $0.baseAddress, $0.count) })
  }

  @usableFromInline
  func receive(into room: inout OutputSpan<UInt8>, peeking: Bool) throws(PollerError) -> ReceiveResult {
    var address = amy_address()
    var isTruncated = false
    let result = unsafe room.withUnsafeMutableBufferPointer { buffer, count in
      let (start, free) = unsafe Self.room(buffer, count)
      let result = unsafe amy_socket_receive(descriptor, start, free, peeking, &address, &isTruncated)
      if result > 0 { count &+= min(result, free) }
      return result
    }
    if result >= 0 { return .datagram(bytes: result, from: Endpoint(address), isTruncated: isTruncated) }
    if result == amy_would_block { return .wouldBlock }
    throw PollerError(result: CInt(truncatingIfNeeded: result), of: .receive)
  }

  private static func sendResult(_ count: Int) throws(PollerError) -> SendResult {
    if count >= 0 { return .sent }
    if count == amy_would_block { return .wouldBlock }
    throw PollerError(result: CInt(truncatingIfNeeded: count), of: .send)
  }
}
