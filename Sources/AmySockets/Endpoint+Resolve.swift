public import Amy

extension Endpoint {
  /// Returns the addresses of a host name, in the order to try them: getaddrinfo(3).
  ///
  /// Blocks its thread, for seconds if a name server does not answer: do not call it on a thread that waits for events or on
  /// Swift's cooperative pool. Reads files, may open sockets, and allocates. Takes a numeric address as it is.
  ///
  /// Throws ``PollerError/Code/nameNotFound`` (`EAI_NONAME`; also for an empty name or one with a NUL),
  /// ``PollerError/Code/timedOut`` (`EAI_AGAIN`: no name server answered, try again later), ``PollerError/Code/outOfMemory``
  /// (`EAI_MEMORY`), a failed system call's error (`EAI_SYSTEM`), otherwise ``PollerError/Code/other``.
  @available(*, noasync, message: "getaddrinfo blocks its thread: call it on a thread of its own")
  public static func resolve(host: String, port: UInt16) throws(PollerError) -> [Endpoint] {
    try Resolver.endpoints(of: host, port: port)
  }

  /// Returns the endpoints of text from a user: looks up `localhost:80`, and takes text for ``init(parsing:)`` as it is.
  ///
  /// As ``resolve(host:port:)``; also throws ``PollerError/Code/invalidArgument``.
  @available(*, noasync, message: "getaddrinfo blocks its thread: call it on a thread of its own")
  public static func resolve(parsing text: String) throws(PollerError) -> [Endpoint] {
    do {
      return [try Endpoint(parsing: text)]
    } catch {
      let (host, port) = try split(text)
      // Brackets and colons belong to v6 addresses, tried above.
      if error.code != .invalidArgument || host.utf8.contains(where: { ":[]".utf8.contains($0) }) { throw error }
      return try resolve(host: String(host), port: port)
    }
  }
}
