public import Amy

extension Endpoint {
  /// The addresses that belong to a host's name, the ones to try first at the front: getaddrinfo(3).
  ///
  /// Blocks its thread, for seconds if a name server does not answer: call it neither on a thread that waits for events nor on
  /// Swift's cooperative pool. Reads files, may open sockets, and allocates. A numeric address is taken as it is.
  ///
  /// Throws ``PollerError/Code/nameNotFound`` (`EAI_NONAME`), ``PollerError/Code/timedOut`` (`EAI_AGAIN`: no name server
  /// answered, try again later), and what a system call said (`EAI_SYSTEM`).
  @available(*, noasync, message: "getaddrinfo blocks its thread: call it on a thread of its own")
  public static func resolve(host: String, port: UInt16) throws(PollerError) -> [Endpoint] {
    try Resolver.endpoints(of: host, port: port)
  }

  /// The endpoints of what a user wrote: `localhost:80` is looked up, and what ``init(parsing:)`` takes is taken as it is.
  ///
  /// Blocks as ``resolve(host:port:)`` does, whose errors it throws besides ``PollerError/Code/invalidArgument``.
  @available(*, noasync, message: "getaddrinfo blocks its thread: call it on a thread of its own")
  public static func resolve(parsing text: String) throws(PollerError) -> [Endpoint] {
    do {
      return [try Endpoint(parsing: text)]
    } catch {
      let (host, port) = try split(text)
      // Brackets and colons belong to v6 addresses, which were tried.
      if error.code != .invalidArgument || host.utf8.contains(where: { ":[]".utf8.contains($0) }) { throw error }
      return try resolve(host: String(host), port: port)
    }
  }
}
