public import Amy

extension Endpoint: CustomStringConvertible {
  /// The endpoint as text for ``init(parsing:)``: `127.0.0.1:80`, `[fe80::1%2]:80`, `unix:/run/echo.sock`, `unix:@abstract`.
  ///
  /// Flow information is included, as in `[2001:db8::1;flow=5]:80`. In Unix names, a backslash and unprintable bytes become
  /// `\x` and two hexadecimal digits; `unix:` alone is ``unnamed``.
  public var description: String {
    switch storage {
    case .v4(let bits, let port):
      "\(Self.text(v4: bits)):\(port)"
    case .v6(let v6):
      "[\(Self.text(v6: v6))\(v6.scope)]:\(v6.port)"
    case .unix(let name):
      "\(Self.unixPrefix)\(name)"
    }
  }

  private static let unixPrefix = "unix:"

  /// Makes an endpoint from text: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`, `unix:/run/echo.sock`, `unix:@abstract`.
  ///
  /// The scope after `%` is a network interface's number, or its name, which is looked up (if_nametoindex(3), some system
  /// calls). Flow information and `\x` are as in ``description``.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` for anything else, including a host name, which ``resolve(parsing:)`` takes,
  /// and ``PollerError/Code/unsupported`` for an abstract name on a system without them.
  public init(parsing text: String) throws(PollerError) {
    // Swift may join the colon and the start of the name into one character: compare bytes.
    if text.utf8.starts(with: Self.unixPrefix.utf8) {
      self = try UnixName(parsing: Substring(text.utf8.dropFirst(Self.unixPrefix.utf8.count))).endpoint
      return
    }
    let (host, port) = try Self.split(text)
    if host.hasPrefix("[") {
      self = try Self.v6(bracketed: host, port: port)
    } else {
      guard let bits = Self.v4(parsing: host) else { throw PollerError(.invalidArgument) }
      self.init(.v4(bits, port: port))
    }
  }

  /// Splits the text at its last colon.
  static func split(_ text: String) throws(PollerError) -> (host: Substring, port: UInt16) {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { throw PollerError(.invalidArgument) }
    guard let port = number(text[colon...].dropFirst(), as: UInt16.self) else { throw PollerError(.invalidArgument) }
    return (text[..<colon], port)
  }

  private static func v6(bracketed text: Substring, port: UInt16) throws(PollerError) -> Endpoint {
    guard text.hasSuffix("]") else { throw PollerError(.invalidArgument) }
    let outer = text.dropFirst().dropLast().split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = outer[0].split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let (high, low) = v6(parsing: parts[0]) else { throw PollerError(.invalidArgument) }
    var v6 = V6(high: high, low: low, port: port)
    if parts.count == 2 {
      guard let scope = number(parts[1], as: UInt32.self) ?? interface(named: parts[1]) else {
        throw PollerError(.invalidArgument)
      }
      v6.scopeID = scope
    }
    if outer.count == 2 {
      guard outer[1].hasPrefix("flow="), let flow = number(outer[1].dropFirst(5), as: UInt32.self) else {
        throw PollerError(.invalidArgument)
      }
      v6.flowInfo = flow
    }
    return Endpoint(.v6(v6))
  }

  /// Accepts digits only: Swift's own parsing also takes a sign.
  private static func number<Number: FixedWidthInteger>(_ text: Substring, as _: Number.Type) -> Number? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Number(text) : nil
  }
}

extension Endpoint.V6 {
  /// Scope and flow information, if there are any.
  fileprivate var scope: String {
    (scopeID == 0 ? "" : "%\(scopeID)") + (flowInfo == 0 ? "" : ";flow=\(flowInfo)")
  }
}
