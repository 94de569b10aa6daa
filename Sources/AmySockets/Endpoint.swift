public import Amy

/// The address of a socket or of its peer: an IP address with a port, or a Unix socket's name.
///
/// ```swift
/// let listener = try TCPListener(bindingTo: .loopback(port: 8080))
/// let server = try Endpoint(parsing: "[2001:db8::1]:443")
/// let local = try Endpoint.unix(path: "/run/echo.sock")
/// ```
///
/// Making one takes no system call, except in ``resolve(host:port:)``, which asks the resolver, and ``init(parsing:)``, which
/// looks up an interface's name. Only a Unix name allocates.
///
/// An address from the kernel goes back to it byte for byte: as an endpoint, through ``description`` and ``init(parsing:)``,
/// and through the parts.
///
/// Equal endpoints are equal in all parts, including scope and flow information. So `::ffff:192.0.2.1`, which a v6 listener
/// reports for a v4 client, is not equal to `192.0.2.1`, which is for v4 sockets. Compare peers, as in a list of allowed
/// addresses, by ``unmapped``.
public struct Endpoint: Hashable, Sendable {
  let storage: Storage

  enum Storage: Hashable, Sendable {
    case v4(UInt32, port: UInt16)
    case v6(V6)
    case unix(UnixName)
  }

  /// 16 bytes as two numbers; the first byte is the most significant.
  struct V6: Hashable, Sendable {
    var high: UInt64
    var low: UInt64
    var port: UInt16
    var scopeID: UInt32 = 0
    var flowInfo: UInt32 = 0
  }

  init(_ storage: Storage) {
    self.storage = storage
  }

  /// The kinds of addresses.
  public enum Family: Hashable, Sendable, CaseIterable {
    /// 4 bytes and a port.
    case ipv4
    /// 16 bytes, a port, a scope and flow information.
    case ipv6
    /// A path or an abstract name.
    case unix
  }
}

// Making endpoints.

extension Endpoint {
  /// Makes a v4 endpoint from the four numbers of its address.
  public static func ipv4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> Endpoint {
    Endpoint(.v4(UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d), port: port))
  }

  /// Makes a v4 endpoint from text such as `192.0.2.1`: inet_pton(3).
  ///
  /// Throws ``PollerError/Code/invalidArgument`` for anything else.
  public static func ipv4(_ text: String, port: UInt16) throws(PollerError) -> Endpoint {
    guard let bits = v4(parsing: text) else { throw PollerError(.invalidArgument) }
    return Endpoint(.v4(bits, port: port))
  }

  /// Makes a v6 endpoint from text without brackets, such as `2001:db8::1`: inet_pton(3).
  ///
  /// `scopeID` is the number of the network interface of a link-local address (`fe80::`), `flowInfo` the traffic class and the
  /// flow label, 28 bits. Throws ``PollerError/Code/invalidArgument`` for any other text.
  public static func ipv6(
    _ text: String, port: UInt16, scopeID: UInt32 = 0, flowInfo: UInt32 = 0
  ) throws(PollerError) -> Endpoint {
    guard let (high, low) = v6(parsing: text) else { throw PollerError(.invalidArgument) }
    return Endpoint(.v6(V6(high: high, low: low, port: port, scopeID: scopeID, flowInfo: flowInfo)))
  }

  /// Makes an endpoint from an address in network byte order: 4 bytes for v4, 16 for v6.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` for any other number of bytes.
  public static func address(
    bytes: [UInt8], port: UInt16, scopeID: UInt32 = 0, flowInfo: UInt32 = 0
  ) throws(PollerError) -> Endpoint {
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4:
      return Endpoint(.v4(UInt32(number(bytes[...])), port: port))
    case 16:
      let (high, low) = (number(bytes[..<8]), number(bytes[8...]))
      return Endpoint(.v6(V6(high: high, low: low, port: port, scopeID: scopeID, flowInfo: flowInfo)))
    default:
      throw PollerError(.invalidArgument)
    }
  }

  /// The v4 loopback address, for this machine alone: `127.0.0.1`; with port 0, a listener gets a free port.
  public static func loopback(port: UInt16) -> Endpoint {
    .ipv4(127, 0, 0, 1, port: port)
  }

  /// The v6 loopback address, for this machine alone: `::1`.
  public static func loopbackV6(port: UInt16) -> Endpoint {
    Endpoint(.v6(V6(high: 0, low: 1, port: port)))
  }

  /// All v4 addresses of this machine, to listen on: `0.0.0.0`.
  public static func any(port: UInt16) -> Endpoint {
    .ipv4(0, 0, 0, 0, port: port)
  }

  /// All v6 addresses of this machine, to listen on: `::`; by default a listener also takes v4 connections.
  public static func anyV6(port: UInt16) -> Endpoint {
    Endpoint(.v6(V6(high: 0, low: 0, port: port)))
  }

  /// Makes a Unix socket's endpoint from its path.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` for a path that is empty, has a NUL, or exceeds the kernel's struct: 108 bytes
  /// on Linux, 104 on Darwin and the BSDs. The longest path has no NUL after it: some programs omit its last byte, and OpenBSD
  /// refuses it. To shorten a path, change to its directory and use a relative one.
  public static func unix(path: String) throws(PollerError) -> Endpoint {
    try unix(path: Array(path.utf8))
  }

  /// Makes a Unix socket's endpoint from its path's bytes, which need not be UTF-8: as ``unix(path:)-(String)``.
  public static func unix(path: [UInt8]) throws(PollerError) -> Endpoint {
    guard !path.isEmpty, path.count <= longestPath, !path.contains(0) else { throw PollerError(.invalidArgument) }
    return Endpoint(.unix(UnixName(bytes: path, isAbstract: false)))
  }

  /// Makes a Unix socket's endpoint from its abstract name, on Linux only.
  ///
  /// The name is in no directory, needs no permission, and disappears with its socket. All bytes count, including NUL. Throws
  /// ``PollerError/Code/unsupported`` on other systems, ``PollerError/Code/invalidArgument`` for more than 107 bytes.
  public static func abstract(_ name: [UInt8]) throws(PollerError) -> Endpoint {
    guard hasAbstractNames else { throw PollerError(.unsupported) }
    guard name.count <= longestName else { throw PollerError(.invalidArgument) }
    return Endpoint(.unix(UnixName(bytes: name, isAbstract: true)))
  }

  /// Makes a Unix socket's endpoint from an abstract name as text: see ``abstract(_:)-([UInt8])``.
  public static func abstract(_ name: String) throws(PollerError) -> Endpoint {
    try abstract(Array(name.utf8))
  }

  /// The Unix address without a name, which most clients of a Unix listener have.
  public static let unnamed = Endpoint(.unix(UnixName(bytes: [], isAbstract: false)))
}

// Inspecting endpoints.

extension Endpoint {
  /// The kind of address.
  public var family: Family {
    switch storage {
    case .v4: .ipv4
    case .v6: .ipv6
    case .unix: .unix
    }
  }

  /// The port, or nil for Unix.
  public var port: UInt16? {
    switch storage {
    case .v4(_, let port): port
    case .v6(let v6): v6.port
    case .unix: nil
    }
  }

  /// Returns the address with another port; a Unix endpoint has none, and is returned unchanged.
  public func withPort(_ port: UInt16) -> Endpoint {
    switch storage {
    case .v4(let bits, _): return Endpoint(.v4(bits, port: port))
    case .v6(var v6):
      v6.port = port
      return Endpoint(.v6(v6))
    case .unix: return self
    }
  }

  /// The v4 address that a v6 one stands for, `192.0.2.1` for `::ffff:192.0.2.1`; any other endpoint unchanged.
  ///
  /// A v6 socket reports v4 peers in the v6 form. The port stays; v4 has no scope and flow information. ``mapped`` is the
  /// inverse.
  public var unmapped: Endpoint {
    guard case .v6(let v6) = storage, v6.high == 0, v6.low >> 32 == 0xFFFF else { return self }
    return Endpoint(.v4(UInt32(truncatingIfNeeded: v6.low), port: v6.port))
  }

  /// The inverse of ``unmapped``: `::ffff:192.0.2.1` for `192.0.2.1`; any other endpoint unchanged.
  ///
  /// A v6 socket sends to v4 peers by this address.
  public var mapped: Endpoint {
    guard case .v4(let bits, let port) = storage else { return self }
    return Endpoint(.v6(V6(high: 0, low: 0xFFFF << 32 | UInt64(bits), port: port)))
  }

  /// The address as text, without port, brackets and scope, or nil for Unix: inet_ntop(3).
  public var host: String? {
    switch storage {
    case .v4(let bits, _): Self.text(v4: bits)
    case .v6(let v6): Self.text(v6: v6)
    case .unix: nil
    }
  }

  /// The address's 4 or 16 bytes in network byte order, or nil for Unix.
  public var addressBytes: [UInt8]? {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
      stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    return switch storage {
    case .v4(let bits, _): bytes(bits)
    case .v6(let v6): bytes(v6.high) + bytes(v6.low)
    case .unix: nil
    }
  }

  /// The number of a v6 address's network interface; 0 for none, and for all other endpoints.
  public var scopeID: UInt32 {
    if case .v6(let v6) = storage { v6.scopeID } else { 0 }
  }

  /// The traffic class and flow label of a v6 address; 0 for all other endpoints.
  public var flowInfo: UInt32 {
    if case .v6(let v6) = storage { v6.flowInfo } else { 0 }
  }

  /// The path of a Unix socket, or nil if it has none, or one that is not UTF-8: then use ``pathBytes``.
  public var path: String? {
    pathBytes.flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// The bytes of a Unix socket's path, or nil if it has none.
  public var pathBytes: [UInt8]? {
    guard case .unix(let name) = storage, !name.isAbstract, !name.bytes.isEmpty else { return nil }
    return name.bytes
  }

  /// The abstract name of a Unix socket, or nil if it has none.
  public var abstractName: [UInt8]? {
    guard case .unix(let name) = storage, name.isAbstract else { return nil }
    return name.bytes
  }
}
