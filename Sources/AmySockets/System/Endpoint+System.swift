internal import Amy
internal import CAmy

/// Between an endpoint and the kernel's sockaddr.
extension Endpoint {
  var address: amy_address {
    switch storage {
    case .v4(let bits, let port):
      amy_address_of_ip(Self.numeric(amy_family_v4, low: UInt64(bits), port: port))
    case .v6(let v6):
      amy_address_of_ip(
        Self.numeric(amy_family_v6, high: v6.high, low: v6.low, port: v6.port, scope: v6.scopeID, flow: v6.flowInfo))
    case .unix(let name):
      unsafe name.bytes.withUnsafeBufferPointer {
        unsafe amy_address_of_name($0.baseAddress, $0.count, name.isAbstract)
      }
    }
  }

  /// Allocates for a Unix name, if there is one.
  ///
  /// A family that is none of ours becomes the Unix address without a name.
  init(_ address: amy_address) {
    var address = address
    let endpoint = unsafe amy_address_decode(&address)
    switch endpoint.family {
    case amy_family_v4:
      storage = .v4(UInt32(truncatingIfNeeded: endpoint.low), port: endpoint.port)
    case amy_family_v6:
      storage = .v6(
        V6(
          high: endpoint.high, low: endpoint.low, port: endpoint.port, scopeID: endpoint.scope,
          flowInfo: endpoint.flow))
    default:
      let count = Int(endpoint.name_length)
      let bytes =
        count == 0
        ? []
        : unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
          unsafe amy_address_name(&address, buffer.baseAddress)
          initialized = count
        }
      storage = .unix(UnixName(bytes: bytes, isAbstract: endpoint.name_is_abstract))
    }
  }

  private static func numeric(
    _ family: amy_family, high: UInt64 = 0, low: UInt64, port: UInt16, scope: UInt32 = 0, flow: UInt32 = 0
  ) -> amy_endpoint {
    amy_endpoint(
      family: family, high: high, low: low, port: port, scope: scope, flow: flow, name_length: 0,
      name_is_abstract: false)
  }

  /// The most bytes of a path.
  static var longestPath: Int { amy_longest_path }
  /// The most bytes of an abstract name.
  static var longestName: Int { amy_longest_name }

  static var hasAbstractNames: Bool { amy_has_abstract_names }
}

/// Between an endpoint's numbers and text: inet_ntop(3) and inet_pton(3).
extension Endpoint {
  /// The address alone, without port and brackets.
  static func text(v4 bits: UInt32) -> String {
    text(numeric(amy_family_v4, low: UInt64(bits), port: 0))
  }

  static func text(v6: V6) -> String {
    text(numeric(amy_family_v6, high: v6.high, low: v6.low, port: 0))
  }

  private static func text(_ endpoint: amy_endpoint) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(amy_text_size)) { text in
      let count = unsafe amy_address_text(endpoint, text.baseAddress)
      return unsafe String(decoding: UnsafeRawBufferPointer(text).prefix(count), as: UTF8.self)
    }
  }

  static func v4(parsing text: some StringProtocol) -> UInt32? {
    parse(text, amy_family_v4).map { UInt32(truncatingIfNeeded: $0.low) }
  }

  static func v6(parsing text: some StringProtocol) -> (high: UInt64, low: UInt64)? {
    parse(text, amy_family_v6).map { ($0.high, $0.low) }
  }

  private static func parse(_ text: some StringProtocol, _ family: amy_family) -> amy_endpoint? {
    // C would stop at a NUL and take what is before it.
    guard !text.utf8.contains(0) else { return nil }
    var endpoint = amy_endpoint()
    let isAddress = unsafe text.withCString { unsafe amy_address_parse($0, family, &endpoint) }
    return isAddress ? endpoint : nil
  }

  /// The number of a network interface: if_nametoindex(3).
  static func interface(named name: some StringProtocol) -> UInt32? {
    guard !name.utf8.contains(0) else { return nil }
    let index = unsafe name.withCString { unsafe amy_interface_index($0) }
    return index == 0 ? nil : index
  }
}
