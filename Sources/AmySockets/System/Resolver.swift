internal import Amy
internal import CAmy

/// getaddrinfo(3).
enum Resolver {
  static func endpoints(of host: String, port: UInt16) throws(PollerError) -> [Endpoint] {
    // C would stop at a NUL, and gives an empty name another meaning.
    guard !host.isEmpty, !host.utf8.contains(0) else { throw PollerError(.nameNotFound) }
    var first: UnsafeMutableRawPointer?
    let result = unsafe host.withCString { unsafe amy_resolve($0, &first) }
    guard result == 0 else { throw error(result) }
    defer { unsafe amy_resolve_free(first) }

    var endpoints: [Endpoint] = []
    var current = unsafe first
    var address = amy_address()
    while unsafe amy_resolve_next(&current, &address) {
      let endpoint = Endpoint(address).withPort(port)
      // An address can come more than once, for example from /etc/hosts.
      if endpoint.family != .unix, !endpoints.contains(endpoint) { endpoints.append(endpoint) }
    }
    return endpoints
  }

  private static func error(_ result: CInt) -> PollerError {
    switch result {
    case amy_resolve_not_found.rawValue: PollerError(.nameNotFound)
    case amy_resolve_try_again.rawValue: PollerError(.timedOut)
    case amy_resolve_failed.rawValue: PollerError(.other)
    default: PollerError(result: result, of: .resolve)
    }
  }
}
