import Amy
import AmySockets
import Testing

@Suite("An endpoint")
struct EndpointTests {
  @Test(
    "parses its own description",
    arguments: [
      "127.0.0.1:80", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[::]:0", "[2001:db8::ff00:42:8329]:443",
      "[fe80::1%2]:80", "[fe80::1%4294967295]:80", "[fe80::1%2;flow=5]:80", "[::1;flow=4294967295]:80",
      "[::ffff:192.0.2.1]:80", "unix:/run/echo.sock", "unix:relative.sock", "unix:/with space/and:colon", "unix:/größe",
      "unix:\u{301}a", "unix:", "unix:@abstract", "unix:@", "unix:@@",
      "unix:\\x40file", "unix:/back\\x5cslash", "unix:@nul\\x00in\\x0athe middle", "unix:@\\xff\\xfe",
    ])
  func roundTrip(_ text: String) throws {
    let endpoint = try Endpoint(parsing: text)
    #expect(endpoint.description == text)
    #expect(try Endpoint(parsing: endpoint.description) == endpoint)
  }

  @Test(
    "refuses malformed text",
    arguments: [
      "", ":", ":80", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1",
      "127.0.0.1:0x50", "127.0.0.1:99999999999999999999", "127.0.0.256:80", "127.0.0:80", "127.1:80", "127.0.0.1.1:80",
      " 127.0.0.1:80", "127.0.0.1 :80", "127.0.0.1\0:80", "127.0.0.1:80\0", "::1:80", "[::1]", "[::1:80", "::1]:80",
      "[]:80", "[:::]:80", "[127.0.0.1]:80", "[::1%]:80", "[::1%-1]:80", "[::1%4294967296]:80", "[::1%no such one]:80",
      "[::1%1%1]:80", "[::1;]:80", "[::1;flow=]:80", "[::1;flow=-1]:80", "[::1;flow=4294967296]:80", "[::1;5]:80",
      "[::1;flow=1%1]:80", "[::1;flow=1;flow=1]:80", "127.0.0.1;flow=1:80", "[::1]80", "[[::1]]:80", "localhost:80",
      "١٢٧.0.0.1:80", "127.0.0.1:٨٠", "UNIX:/a", "unix:/a\\",
      "unix:/a\\n", "unix:/a\\x4", "unix:/a\\xg0", "unix:/a\\x\u{14}\u{11}", "unix:/a\\x4\u{11}", "unix:/a\\x00",
      "unix:/a\0b",
    ])
  func malformed(_ text: String) {
    #expect(error { _ = try Endpoint(parsing: text) }?.code == .invalidArgument)
  }

  @Test("finds an interface by name")
  func interfaceName() throws {
    let byName = try Endpoint(parsing: "[fe80::1%lo]:80")
    #expect(byName.scopeID == 1)
    #expect(byName.description == "[fe80::1%1]:80")
  }

  @Test("has its parts as properties")
  func parts() throws {
    let v4 = try Endpoint.ipv4("192.0.2.1", port: 80)
    #expect(v4 == .ipv4(192, 0, 2, 1, port: 80))
    #expect(v4.family == .ipv4)
    #expect(v4.port == 80)
    #expect(v4.host == "192.0.2.1")
    #expect(v4.addressBytes == [192, 0, 2, 1])
    #expect(v4.path == nil)
    #expect(v4.abstractName == nil)

    let v6 = try Endpoint.ipv6("2001:db8::1", port: 443, scopeID: 3, flowInfo: 5)
    #expect(v6.family == .ipv6)
    #expect(v6.port == 443)
    #expect(v6.host == "2001:db8::1")
    #expect(v6.addressBytes == [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(v6.scopeID == 3)
    #expect(v6.flowInfo == 5)

    let path = try Endpoint.unix(path: "/run/a.sock")
    #expect(path.family == .unix)
    #expect(path.port == nil)
    #expect(path.host == nil)
    #expect(path.addressBytes == nil)
    #expect(path.path == "/run/a.sock")
    #expect(path.abstractName == nil)

    let name = try Endpoint.abstract("a")
    #expect(name.path == nil)
    #expect(name.abstractName == [97])
    #expect(Endpoint.unnamed.path == nil)
    #expect(Endpoint.unnamed.abstractName == nil)
  }

  @Test("has shorthands for this machine")
  func shorthands() {
    #expect(Endpoint.loopback(port: 1).description == "127.0.0.1:1")
    #expect(Endpoint.loopbackV6(port: 1).description == "[::1]:1")
    #expect(Endpoint.any(port: 1).description == "0.0.0.0:1")
    #expect(Endpoint.anyV6(port: 1).description == "[::]:1")
  }

  @Test("can be made from bytes as well as from text")
  func bytes() throws {
    for endpoint in [Endpoint.ipv4(192, 0, 2, 1, port: 80), try .ipv6("2001:db8::1", port: 80)] {
      #expect(try Endpoint.address(bytes: endpoint.addressBytes ?? [], port: 80) == endpoint)
    }
    #expect(error { _ = try Endpoint.address(bytes: [1, 2, 3], port: 80) }?.code == .invalidArgument)
  }

  @Test("is equal only if all parts are")
  func equality() throws {
    let plain = try Endpoint.ipv6("fe80::1", port: 80)
    #expect(try plain != .ipv6("fe80::1", port: 80, scopeID: 1))
    #expect(try plain != .ipv6("fe80::1", port: 80, flowInfo: 1))
    #expect(plain != plain.withPort(81))
    #expect(plain == plain.withPort(81).withPort(80))
    #expect(try Endpoint.abstract("a") != .unix(path: "a"))
    #expect(Set([plain, plain, plain.withPort(81)]).count == 2)
  }

  @Test("has a path as text only if it is UTF-8, and otherwise as bytes")
  func pathBytes() throws {
    let path = try Endpoint.unix(path: [47, 0xFF])
    #expect(path.path == nil)
    #expect(path.pathBytes == [47, 0xFF])
    #expect(path.description == "unix:\\x2f\\xff" || path.description == "unix:/\\xff")
    #expect(try Endpoint.unix(path: "/größe").pathBytes == Array("/größe".utf8))
    #expect(try Endpoint.abstract("a").pathBytes == nil)
    #expect(Endpoint.unnamed.pathBytes == nil)
    #expect(Endpoint.loopback(port: 1).pathBytes == nil)
  }

  @Test("converts between a v4 address for v4 sockets and its mapped form for v6 sockets")
  func mapping() throws {
    let v4 = Endpoint.ipv4(192, 0, 2, 1, port: 80)
    let v6 = try Endpoint.ipv6("::ffff:192.0.2.1", port: 80)
    #expect(v4 != v6)
    #expect(v4.mapped == v6)
    #expect(v6.unmapped == v4)
    #expect(try Endpoint.ipv6("::ffff:192.0.2.1", port: 80, scopeID: 1, flowInfo: 2).unmapped == v4)
    // Without a v4 form, or already in the wanted form.
    let others = [
      "[::]:80", "[::1]:80", "[::192.0.2.1]:80", "[::fffe:192.0.2.1]:80", "[64:ff9b::192.0.2.1]:80", "[1::ffff:192.0.2.1]:80",
    ]
    for endpoint in try others.map(Endpoint.init(parsing:)) + [v6, .unnamed, try .abstract("a")] {
      #expect(endpoint.mapped == endpoint)
    }
    for endpoint in try others.map(Endpoint.init(parsing:)) + [v4, .unnamed, try .abstract("a")] {
      #expect(endpoint.unmapped == endpoint)
    }
    for bits in [UInt32.min, .max, 0x7F00_0001] {
      let any = Endpoint.ipv4(UInt8(bits >> 24), UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255), port: 9)
      #expect(any.mapped.unmapped == any)
    }
  }

  @Test("refuses Unix names that the kernel would truncate")
  func unixNames() throws {
    let longest = Files.longestPath
    #expect(try Endpoint.unix(path: String(repeating: "a", count: longest)).path?.utf8.count == longest)
    #expect(try Endpoint.abstract([UInt8](repeating: 0, count: 107)).abstractName?.count == 107)
    #expect(error { _ = try Endpoint.unix(path: String(repeating: "a", count: longest + 1)) }?.code == .invalidArgument)
    #expect(error { _ = try Endpoint.unix(path: [] as [UInt8]) }?.code == .invalidArgument)
    #expect(error { _ = try Endpoint.unix(path: [97, 0]) }?.code == .invalidArgument)
    #expect(error { _ = try Endpoint.unix(path: "") }?.code == .invalidArgument)
    #expect(error { _ = try Endpoint.unix(path: "/a\0b") }?.code == .invalidArgument)
    #expect(error { _ = try Endpoint.abstract([UInt8](repeating: 0, count: 108)) }?.code == .invalidArgument)
    let tooLong = String(repeating: "a", count: longest + 1)
    #expect(error { _ = try Endpoint(parsing: "unix:\(tooLong)") }?.code == .invalidArgument)
  }
}

@Suite("Resolving a host")
struct ResolveTests {
  @Test("finds this machine")
  func localhost() throws {
    let endpoints = try Endpoint.resolve(host: "localhost", port: 80)
    #expect(!endpoints.isEmpty)
    #expect(endpoints.allSatisfy { $0 == .loopback(port: 80) || $0 == .loopbackV6(port: 80) })
    #expect(Set(endpoints).count == endpoints.count)
  }

  @Test("takes a numeric address unchanged")
  func numeric() throws {
    #expect(try Endpoint.resolve(host: "192.0.2.1", port: 65_535) == [.ipv4(192, 0, 2, 1, port: 65_535)])
    #expect(try Endpoint.resolve(host: "2001:db8::1", port: 0) == [.ipv6("2001:db8::1", port: 0)])
  }

  @Test("takes a user's text")
  func text() throws {
    #expect(try Endpoint.resolve(parsing: "192.0.2.1:80") == [.ipv4(192, 0, 2, 1, port: 80)])
    #expect(try Endpoint.resolve(parsing: "unix:/a") == [.unix(path: "/a")])
    #expect(try Endpoint.resolve(parsing: "localhost:80") == Endpoint.resolve(host: "localhost", port: 80))
  }

  @Test("reports that the name does not exist", arguments: ["", "a\0b", "no such host"])
  func unknown(_ host: String) {
    // Without a network, the resolver can only time out.
    let code = error { _ = try Endpoint.resolve(host: host, port: 80) }?.code
    #expect(code == .nameNotFound || code == .timedOut)
  }

  @Test("does not look up malformed names", arguments: ["::1:80", "[::1:80", "localhost", "localhost:x"])
  func malformed(_ text: String) {
    #expect(error { _ = try Endpoint.resolve(parsing: text) }?.code == .invalidArgument)
  }
}
