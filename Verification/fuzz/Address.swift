// Endpoint(parsing:) against a parser that checks each byte, and inet_pton(3); and its description against its input.
//
// The first byte selects the rest: text as it is, or of few characters, for more meaning.

import Amy
import Glibc

/// One run of the fuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAddresses(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count >= 1 else { return 0 }
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  var bytes = Array(input[1...])
  if input[0] & 1 == 1 { bytes = bytes.map { alphabet[Int($0) % alphabet.count] } }
  let text = String(decoding: bytes, as: UTF8.self)
  bytes = Array(text.utf8)

  let endpoint = try? Endpoint(parsing: text)
  check((endpoint.map(Parts.init)) == naive(bytes[...]))
  if let endpoint {
    // Its description can be parsed, and is the same; so is its kernel form.
    check((try? Endpoint(parsing: endpoint.description)) == endpoint)
    check(Endpoint(endpoint.address) == endpoint)
    check(endpoint.description.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 })
  }
  // Any bytes form an abstract name with a description.
  let name = try? Endpoint.abstract(bytes)
  check((name != nil) == (bytes.count <= 107))
  if let name {
    check((try? Endpoint(parsing: name.description)) == name)
    check(Endpoint(name.address) == name)
  }
  // The C library's result for the address alone.
  var (four, six) = (in_addr(), in6_addr())
  let hasNul = bytes.contains(0)
  check(((try? Endpoint.ipv4(text, port: 1)) != nil) == (!hasNul && inet_pton(AF_INET, text, &four) == 1))
  check(((try? Endpoint.ipv6(text, port: 1)) != nil) == (!hasNul && inet_pton(AF_INET6, text, &six) == 1))
  return 0
}

private let alphabet = Array("0123456789:.[]%abcfxX@\\u/-+ \u{1}".utf8) + Array("unix:::[::1]1.2.3.4".utf8)

struct Parts: Equatable {
  var bytes: [UInt8] = []
  var port: UInt16?
  var scope: UInt32 = 0
  var isAbstract = false

  init() {}

  init(_ endpoint: Endpoint) {
    bytes = endpoint.addressBytes ?? endpoint.abstractName ?? []
    if case .unix(let name) = endpoint.storage { bytes = name.bytes }
    port = endpoint.port
    scope = endpoint.scopeID
    isAbstract = endpoint.abstractName != nil
  }
}

func naive(_ text: ArraySlice<UInt8>) -> Parts? {
  if text.starts(with: "unix:".utf8) { return naive(unix: text.dropFirst(5)) }
  guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return nil }
  guard let port = decimal(text[(colon + 1)...], most: 65_535) else { return nil }
  var parts = Parts()
  parts.port = UInt16(port)
  var host = text[..<colon]
  if host.first != UInt8(ascii: "[") {
    guard let bytes = naive(v4: host) else { return nil }
    parts.bytes = bytes
    return parts
  }
  guard host.count >= 2, host.last == UInt8(ascii: "]") else { return nil }
  host = host.dropFirst().dropLast()
  if let percent = host.firstIndex(of: UInt8(ascii: "%")) {
    let scope = host[(percent + 1)...]
    if let number = decimal(scope, most: Int(UInt32.max)) {
      parts.scope = UInt32(number)
    } else {
      let index = scope.contains(0) ? 0 : if_nametoindex(String(decoding: scope, as: UTF8.self))
      if index == 0 { return nil }
      parts.scope = index
    }
    host = host[..<percent]
  }
  guard let bytes = naive(v6: host) else { return nil }
  parts.bytes = bytes
  return parts
}

func decimal(_ text: ArraySlice<UInt8>, most: Int) -> Int? {
  if text.isEmpty { return nil }
  var number = 0
  for byte in text {
    guard (48...57).contains(byte) else { return nil }
    number = number * 10 + Int(byte) - 48
    if number > most { return nil }
  }
  return number
}

func split(_ text: ArraySlice<UInt8>, at separator: Character) -> [ArraySlice<UInt8>] {
  text.split(separator: separator.asciiValue ?? 0, omittingEmptySubsequences: false)
}

/// Parses four numbers up to 255 without leading zeros.
func naive(v4 text: ArraySlice<UInt8>) -> [UInt8]? {
  let parts = split(text, at: ".")
  guard parts.count == 4 else { return nil }
  var bytes: [UInt8] = []
  for part in parts {
    guard let number = decimal(part, most: 255), part.count == 1 || part.first != 48 else { return nil }
    bytes.append(UInt8(number))
  }
  return bytes
}

/// Parses eight groups of four hexadecimal digits: some may be omitted once, and two be written as v4.
func naive(v6 text: ArraySlice<UInt8>) -> [UInt8]? {
  func groups(_ text: ArraySlice<UInt8>, isLast: Bool) -> [UInt8]? {
    if text.isEmpty { return [] }
    let parts = split(text, at: ":")
    var bytes: [UInt8] = []
    for (index, part) in parts.enumerated() {
      if isLast, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard let four = naive(v4: part) else { return nil }
        bytes += four
        continue
      }
      guard (1...4).contains(part.count) else { return nil }
      var number = 0
      for byte in part {
        guard let digit = Array("0123456789abcdef".utf8).firstIndex(of: (65...90).contains(byte) ? byte + 32 : byte) else {
          return nil
        }
        number = number << 4 | digit
      }
      bytes += [UInt8(number >> 8), UInt8(number & 255)]
    }
    return bytes
  }
  let colons = [UInt8](repeating: UInt8(ascii: ":"), count: 2)
  guard let gap = text.indices.first(where: { text[$0...].starts(with: colons) }) else {
    return groups(text, isLast: true).flatMap { $0.count == 16 ? $0 : nil }
  }
  guard let front = groups(text[..<gap], isLast: false), let back = groups(text[(gap + 2)...], isLast: true) else { return nil }
  // At least one is omitted.
  guard front.count + back.count <= 14 else { return nil }
  return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
}

/// Parses the text, with a backslash, an x and two hexadecimal digits for a byte.
func naive(unix text: ArraySlice<UInt8>) -> Parts? {
  var parts = Parts()
  var rest = text
  parts.isAbstract = rest.first == UInt8(ascii: "@")
  if parts.isAbstract { rest = rest.dropFirst() }
  while let byte = rest.first {
    rest = rest.dropFirst()
    if byte != UInt8(ascii: "\\") {
      parts.bytes.append(byte)
      continue
    }
    let digits = Array(rest.prefix(3))
    guard digits.count == 3, digits[0] == UInt8(ascii: "x"), digits[1...].allSatisfy({ isxdigit(Int32($0)) != 0 }) else {
      return nil
    }
    guard let value = UInt8(String(decoding: digits[1...], as: UTF8.self), radix: 16) else { return nil }
    parts.bytes.append(value)
    rest = rest.dropFirst(3)
  }
  // On Linux a path may fill sun_path; an abstract name begins after a zero.
  if parts.bytes.count > (parts.isAbstract ? 107 : 108) { return nil }
  return !parts.isAbstract && parts.bytes.contains(0) ? nil : parts
}
