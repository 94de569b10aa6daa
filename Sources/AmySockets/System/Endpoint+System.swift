internal import Amy
internal import CAmy

/// Conversion between an endpoint and the kernel's sockaddr.
extension Endpoint {
  var address: amy_address {
    switch storage {
    case .v4(let bits, let port):
      var address = amy_address_of(amy_family_v4, 16)
      address.words.0 |= Self.head(port, bits)
      return address
    case .v6(let v6):
      var address = amy_address_of(amy_family_v6, 28)
      address.words.0 |= Self.head(v6.port, v6.flowInfo)
      address.words.1 = v6.high.bigEndian
      address.words.2 = v6.low.bigEndian
      address.words.3 = (UInt64(v6.scopeID.bigEndian) << 32).bigEndian
      return address
    case .unix(let name):
      // A path ends in a NUL, which counts, if there is room; an abstract name begins with one. Without a name there is only
      // the family.
      let count = name.bytes.count
      let hasNUL = name.isAbstract || (count > 0 && count < Self.longestPath)
      var address = amy_address_of(amy_family_unix, UInt32(amy_name_offset + count + (hasNUL ? 1 : 0)))
      unsafe withUnsafeMutableBytes(of: &address.words) { words in
        unsafe UnsafeMutableRawBufferPointer(rebasing: words[(amy_name_offset + (name.isAbstract ? 1 : 0))...])
          .copyBytes(from: name.bytes)
      }
      return address
    }
  }

  private static func head(_ port: UInt16, _ rest: UInt32) -> UInt64 {
    (UInt64(port) << 32 | UInt64(rest)).bigEndian
  }

  /// Allocates only for a Unix name; an unknown family becomes the Unix address without a name.
  init(_ address: amy_address) {
    let head = address.words.0.bigEndian
    let (port, rest) = (UInt16(truncatingIfNeeded: head >> 32), UInt32(truncatingIfNeeded: head))
    switch amy_family(UInt32(amy_address_family(address))) {
    case amy_family_v4:
      storage = .v4(rest, port: port)
    case amy_family_v6:
      let scope = UInt32(truncatingIfNeeded: address.words.3.bigEndian >> 32).bigEndian
      let (high, low) = (address.words.1.bigEndian, address.words.2.bigEndian)
      storage = .v6(V6(high: high, low: low, port: port, scopeID: scope, flowInfo: rest))
    case amy_family_unix:
      storage = .unix(
        unsafe withUnsafeBytes(of: address.words) { words in
          let end = min(Int(address.length), words.count)
          return unsafe UnixName(words[min(amy_name_offset, end)..<end], mayBeAbstract: Self.hasAbstractNames)
        })
    default:
      storage = .unix(UnixName(bytes: [], isAbstract: false))
    }
  }

  /// In bytes.
  static var longestPath: Int { amy_longest_path }
  /// In bytes.
  static var longestName: Int { amy_longest_path - 1 }

  static var hasAbstractNames: Bool { amy_has_abstract_names }
}

extension UnixName {
  /// Takes the name from a sockaddr: on some kernels its length counts the NUL after a path, or the room after that.
  fileprivate init(_ bytes: some Collection<UInt8>, mayBeAbstract: Bool) {
    isAbstract = mayBeAbstract && bytes.first == 0
    self.bytes = isAbstract ? Array(bytes.dropFirst()) : Array(bytes.prefix { $0 != 0 })
  }
}

/// Conversion between numbers and text: inet_ntop(3) and inet_pton(3).
extension Endpoint {
  /// Without port and brackets.
  static func text(v4 bits: UInt32) -> String {
    text(Endpoint(.v4(bits, port: 0)))
  }

  static func text(v6: V6) -> String {
    text(Endpoint(.v6(v6)))
  }

  private static func text(_ endpoint: Endpoint) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(amy_text_size)) { text in
      var address = endpoint.address
      let count = unsafe amy_address_text(&address, text.baseAddress)
      return unsafe String(decoding: UnsafeRawBufferPointer(text).prefix(count), as: UTF8.self)
    }
  }

  static func v4(parsing text: some StringProtocol) -> UInt32? {
    guard case .v4(let bits, _)? = parse(text, amy_family_v4)?.storage else { return nil }
    return bits
  }

  static func v6(parsing text: some StringProtocol) -> (high: UInt64, low: UInt64)? {
    guard case .v6(let v6)? = parse(text, amy_family_v6)?.storage else { return nil }
    return (v6.high, v6.low)
  }

  private static func parse(_ text: some StringProtocol, _ family: amy_family) -> Endpoint? {
    // C would take only the text before a NUL.
    guard !text.utf8.contains(0) else { return nil }
    var address = amy_address_of(family, 0)
    let isAddress = unsafe text.withCString { unsafe amy_address_parse($0, &address) }
    return isAddress ? Endpoint(address) : nil
  }

  /// if_nametoindex(3).
  static func interface(named name: some StringProtocol) -> UInt32? {
    guard !name.utf8.contains(0) else { return nil }
    let index = unsafe name.withCString { unsafe amy_interface_index($0) }
    return index == 0 ? nil : index
  }
}
