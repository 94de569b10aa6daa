internal import Amy
internal import AmySockets
internal import AmyStreams

/// What the server and the generator need from a stream besides reading and writing.
///
/// With this, both are written once for TCP and for Unix sockets.
protocol EchoStream: StreamSocket, ByteStream, ~Copyable {
  /// Listens at the endpoint, and shares the port with other listeners if asked to.
  static func listen(at endpoint: Endpoint, sharingPort: Bool) throws(PollerError) -> ListeningSocket<Self>

  /// Begins to connect.
  init(connectingTo endpoint: Endpoint, from local: Endpoint?) throws(PollerError)

  /// Sends small writes at once: requests and answers alternate here.
  func sendPromptly()
}

extension TCPStream: EchoStream {
  static func listen(at endpoint: Endpoint, sharingPort: Bool) throws(PollerError) -> TCPListener {
    try TCPListener(bindingTo: endpoint, sharesPort: sharingPort)
  }

  func sendPromptly() {
    // Fails if the peer is already gone, which the next read reports.
    try? setNoDelay(true)
  }
}

extension UnixStream: EchoStream {
  static func listen(at endpoint: Endpoint, sharingPort: Bool) throws(PollerError) -> UnixListener {
    // Unix sockets have no ports to share.
    if sharingPort { throw PollerError(.unsupported) }
    return try UnixListener(bindingTo: endpoint)
  }

  func sendPromptly() {}
}
