internal import Amy

/// A Unix socket's name: a path, an abstract name, or, with no bytes and not abstract, no name.
///
/// Bytes, because neither kind has to be UTF-8.
struct UnixName: Hashable, Sendable {
  var bytes: [UInt8]
  var isAbstract: Bool

  var endpoint: Endpoint {
    get throws(PollerError) {
      if isAbstract { return try .abstract(bytes) }
      return try bytes.isEmpty ? .unnamed : .unix(path: bytes)
    }
  }
}

extension UnixName: CustomStringConvertible {
  /// The text after `unix:`: an abstract name begins with `@`, which is escaped at the start of a path.
  var description: String {
    let isText = String(validating: bytes, as: UTF8.self) != nil
    var text: [UInt8] = isAbstract ? [Self.at] : []
    for (index, byte) in bytes.enumerated() {
      let isPlain = byte >= 0x80 ? isText : byte >= 0x20 && byte != 0x7F && byte != Self.backslash
      if isPlain && !(byte == Self.at && index == 0 && !isAbstract) {
        text.append(byte)
      } else {
        text += [Self.backslash, UInt8(ascii: "x"), Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  init(parsing text: Substring) throws(PollerError) {
    var rest = text.utf8[...]
    isAbstract = rest.first == Self.at
    if isAbstract { rest.removeFirst() }
    bytes = []
    while let byte = rest.popFirst() {
      guard byte == Self.backslash else {
        bytes.append(byte)
        continue
      }
      guard rest.popFirst() == UInt8(ascii: "x"), let high = Self.value(rest.popFirst()),
        let low = Self.value(rest.popFirst())
      else { throw PollerError(.invalidArgument) }
      bytes.append(high << 4 | low)
    }
  }

  private static let at = UInt8(ascii: "@")
  private static let backslash = UInt8(ascii: "\\")
  private static let digits = Array("0123456789abcdef".utf8)

  /// Accepts letters of both cases only: setting the bit between the cases would turn control characters into digits.
  private static func value(_ digit: UInt8?) -> UInt8? {
    guard let digit else { return nil }
    let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit)
    return digits.firstIndex(of: isCapital ? digit | 0x20 : digit).map(UInt8.init)
  }
}
