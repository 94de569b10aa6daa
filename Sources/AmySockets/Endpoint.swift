public import Amy

/// Where a socket is, or where it is to connect to: an address with a port, or the name of a Unix socket.
///
/// ```swift
/// let listener = try TCPListener(bindingTo: .loopback(port: 8080))
/// let server = try Endpoint(parsing: "[2001:db8::1]:443")
/// let local = try Endpoint.unix(path: "/run/echo.sock")
/// ```
///
/// A value: no system call makes one. Only ``resolve(host:port:)`` asks somebody. Only a Unix name allocates.
///
/// What the kernel says of an address goes back in to the byte: as an endpoint, by ``description`` and ``init(parsing:)``, and
/// by the parts.
///
/// Equal endpoints are equal in all parts, scope and flow information included. So `::ffff:192.0.2.1`, as a v6 listener says of
/// a v4 client, is not equal to `192.0.2.1`: the one is for v6 sockets, the other for v4. To compare who it is, as in a list of
/// addresses that are let in, compare what is ``unmapped``.
public struct Endpoint: Hashable, Sendable {
  let storage: Storage

  enum Storage: Hashable, Sendable {
    case v4(UInt32, port: UInt16)
    case v6(V6)
    case unix(UnixName)
  }

  /// Its 16 bytes as two numbers, of which the first byte is the highest.
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

  /// The kinds of address.
  public enum Family: Hashable, Sendable, CaseIterable {
    /// 4 bytes and a port.
    case ipv4
    /// 16 bytes, a port, a scope and flow information.
    case ipv6
    /// A path or an abstract name.
    case unix
  }
}

// Making them.

extension Endpoint {
  /// A v4 address by its four numbers.
  public static func ipv4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> Endpoint {
    Endpoint(.v4(UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d), port: port))
  }

  /// A v4 address as text of four numbers, as in `192.0.2.1`: inet_pton(3).
  ///
  /// Throws ``PollerError/Code/invalidArgument`` for anything else.
  public static func ipv4(_ text: String, port: UInt16) throws(PollerError) -> Endpoint {
    guard let bits = v4(parsing: text) else { throw PollerError(.invalidArgument) }
    return Endpoint(.v4(bits, port: port))
  }

  /// A v6 address as text, without brackets, as in `2001:db8::1`: inet_pton(3).
  ///
  /// - Parameters:
  ///   - text: The address alone.
  ///   - port: The port.
  ///   - scopeID: The number of the network interface that a link-local address (`fe80::`) belongs to.
  ///   - flowInfo: The traffic class and the flow label, 28 bits.
  ///
  /// - Returns: The endpoint.
  /// - Throws: ``PollerError/Code/invalidArgument`` for text that is anything else.
  public static func ipv6(
    _ text: String, port: UInt16, scopeID: UInt32 = 0, flowInfo: UInt32 = 0
  ) throws(PollerError) -> Endpoint {
    guard let (high, low) = v6(parsing: text) else { throw PollerError(.invalidArgument) }
    return Endpoint(.v6(V6(high: high, low: low, port: port, scopeID: scopeID, flowInfo: flowInfo)))
  }

  /// An address by its bytes, in the network's order: 4 for v4, 16 for v6.
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

  /// This machine alone, by v4: `127.0.0.1`.
  ///
  /// With port 0 a listener gets one that is free.
  public static func loopback(port: UInt16) -> Endpoint {
    .ipv4(127, 0, 0, 1, port: port)
  }

  /// This machine alone, by v6: `::1`.
  public static func loopbackV6(port: UInt16) -> Endpoint {
    Endpoint(.v6(V6(high: 0, low: 1, port: port)))
  }

  /// All v4 addresses of this machine, to listen on: `0.0.0.0`.
  public static func any(port: UInt16) -> Endpoint {
    .ipv4(0, 0, 0, 0, port: port)
  }

  /// All v6 addresses of this machine, to listen on: `::`.
  ///
  /// A listener takes v4 connections, too, unless told not to.
  public static func anyV6(port: UInt16) -> Endpoint {
    Endpoint(.v6(V6(high: 0, low: 0, port: port)))
  }

  /// The path of a Unix socket.
  ///
  /// Throws ``PollerError/Code/invalidArgument`` for an empty path, one with a NUL in it, or one too long for the kernel's
  /// struct: 108 bytes on Linux, 104 on Darwin and the BSDs. The longest has no NUL behind it: some programs leave out its last
  /// byte, and OpenBSD refuses it. A shorter way is to go to its folder first and to use a relative one.
  public static func unix(path: String) throws(PollerError) -> Endpoint {
    try unix(path: Array(path.utf8))
  }

  /// The path of a Unix socket by its bytes, which need not be UTF-8: as ``unix(path:)-(String)``.
  public static func unix(path: [UInt8]) throws(PollerError) -> Endpoint {
    guard !path.isEmpty, path.count <= longestPath, !path.contains(0) else { throw PollerError(.invalidArgument) }
    return Endpoint(.unix(UnixName(bytes: path, isAbstract: false)))
  }

  /// The abstract name of a Unix socket: it stands in no folder, needs no permission, and goes with its socket.
  ///
  /// Linux only.
  ///
  /// - Parameter name: Any bytes, NUL included; all of them count.
  /// - Returns: The endpoint.
  /// - Throws: ``PollerError/Code/unsupported`` elsewhere, and ``PollerError/Code/invalidArgument`` for more than 107 bytes.
  public static func abstract(_ name: [UInt8]) throws(PollerError) -> Endpoint {
    guard hasAbstractNames else { throw PollerError(.unsupported) }
    guard name.count <= longestName else { throw PollerError(.invalidArgument) }
    return Endpoint(.unix(UnixName(bytes: name, isAbstract: true)))
  }

  /// The abstract name of a Unix socket, as text: see ``abstract(_:)-([UInt8])``.
  public static func abstract(_ name: String) throws(PollerError) -> Endpoint {
    try abstract(Array(name.utf8))
  }

  /// The Unix address of a socket without a name: what most clients of a Unix listener have.
  public static let unnamed = Endpoint(.unix(UnixName(bytes: [], isAbstract: false)))
}

// Looking at them.

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

  /// The same address with another port.
  ///
  /// A Unix endpoint has none, and stays as it is.
  public func withPort(_ port: UInt16) -> Endpoint {
    switch storage {
    case .v4(let bits, _): return Endpoint(.v4(bits, port: port))
    case .v6(var v6):
      v6.port = port
      return Endpoint(.v6(v6))
    case .unix: return self
    }
  }

  /// The v4 address that a v6 one stands for, `192.0.2.1` for `::ffff:192.0.2.1`; any other endpoint as it is.
  ///
  /// A v6 socket that talks with v4 peers, too, knows them by the second. The port stays; scope and flow information mean
  /// nothing for v4. ``mapped`` is the way back.
  public var unmapped: Endpoint {
    guard case .v6(let v6) = storage, v6.high == 0, v6.low >> 32 == 0xFFFF else { return self }
    return Endpoint(.v4(UInt32(truncatingIfNeeded: v6.low), port: v6.port))
  }

  /// The v6 address that stands for a v4 one, `::ffff:192.0.2.1` for `192.0.2.1`; any other endpoint as it is.
  ///
  /// With it a v6 socket that talks with v4 peers, too, sends to one.
  public var mapped: Endpoint {
    guard case .v4(let bits, let port) = storage else { return self }
    return Endpoint(.v6(V6(high: 0, low: 0xFFFF << 32 | UInt64(bits), port: port)))
  }

  /// The address alone as text, without port, brackets and scope, or nil for Unix: inet_ntop(3).
  public var host: String? {
    switch storage {
    case .v4(let bits, _): Self.text(v4: bits)
    case .v6(let v6): Self.text(v6: v6)
    case .unix: nil
    }
  }

  /// The address's 4 or 16 bytes in the network's order, or nil for Unix.
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

  /// The number of the network interface that a v6 address belongs to; 0 for none, and for all others.
  public var scopeID: UInt32 {
    if case .v6(let v6) = storage { v6.scopeID } else { 0 }
  }

  /// The traffic class and flow label of a v6 address; 0 for all others.
  public var flowInfo: UInt32 {
    if case .v6(let v6) = storage { v6.flowInfo } else { 0 }
  }

  /// The path of a Unix socket, or nil if it has none, or one that is not UTF-8: then there is ``pathBytes``.
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
