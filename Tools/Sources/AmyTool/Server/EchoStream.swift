internal import Amy
internal import AmySockets
internal import AmyStreams

/// What the server and the generator need from TCP and Unix sockets besides reading and writing.
protocol EchoStream: StreamSocket, ByteStream, ~Copyable {
  /// Listens, and shares the port with other listeners if asked.
  static func listen(at endpoint: Endpoint, sharingPort: Bool) throws(PollerError) -> ListeningSocket<Self>

  init(connectingTo endpoint: Endpoint, from local: Endpoint?) throws(PollerError)

  /// Sends small writes at once: requests and answers alternate.
  func sendPromptly()
}

extension TCPStream: EchoStream {
  static func listen(at endpoint: Endpoint, sharingPort: Bool) throws(PollerError) -> TCPListener {
    try TCPListener(bindingTo: endpoint, sharesPort: sharingPort)
  }

  func sendPromptly() {
    // Fails if the peer is gone, as the next read reports.
    try? setNoDelay(true)
  }
}

extension UnixStream: EchoStream {
  static func listen(at endpoint: Endpoint, sharingPort: Bool) throws(PollerError) -> UnixListener {
    // Unix sockets have no ports.
    if sharingPort { throw PollerError(.unsupported) }
    return try UnixListener(bindingTo: endpoint)
  }

  func sendPromptly() {}
}
