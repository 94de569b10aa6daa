import Amy
import AmySockets
import Foundation
import Testing

extension ToolTests {
  @Suite(.timeLimit(.minutes(10))) struct ProtocolTests {
    @Test(arguments: ["echo", "lines", "frames"])
    func everyProtocolIsServedAndVerified(wire: String) throws {
      let server = try Tool.start("serve", "--listen", "127.0.0.1:0", "--protocol", wire, "--json")
      let address = try server.address()
      let load = try Tool.run(
        "load", "--connect", address, "--protocol", wire, "--connections", "24", "--seconds", "0.3", "--json")
      #expect(load.status == 0, "\(load.errors) \(load.output)")
      server.process.terminate()
      let report = try server.finish().report()
      #expect(report.ok && report.connections == 24)
      let requests = try load.report().requests
      #expect(requests >= 24 && report.requests >= requests)
      #expect(try load.report().bytes == report.bytes)
    }

    @Test(arguments: ["lines", "frames"], ["shared", "sharded"])
    func longItemsAreServedInEachModel(wire: String, model: String) throws {
      let server = try Tool.start("serve", "--listen", "127.0.0.1:0", "--protocol", wire, "--model", model, "--json")
      let address = try server.address()
      for size in ["1", "1048576"] {
        let load = try Tool.run(
          "load", "--connect", address, "--protocol", wire, "--connections", "3", "--seconds", "0.2", "--size", size, "--json")
        #expect(load.status == 0, "\(load.errors) \(load.output)")
      }
      server.process.terminate()
      #expect(server.finish().status == 0)
    }

    @Test func aWrongProtocolIsFound() throws {
      let server = try Tool.start("serve", "--listen", "127.0.0.1:0", "--protocol", "echo")
      let address = try server.address()
      let load = try Tool.run(
        "load", "--connect", address, "--protocol", "chat", "--connections", "2", "--seconds", "0.1", "--json")
      #expect(load.status == 69, "no client could join a room")
      #expect(try !load.report().ok)
      server.process.terminate()
      _ = server.finish()
    }

    /// Sends each server a header of FF FF FF FF, and the rest of it.
    @Test(arguments: ["echo", "lines", "frames"])
    func aHugeHeaderTakesNoMemory(wire: String) throws {
      let server = try UnixServer(wire)
      let poller = try Poller()
      try Guest(server.endpoint, poller).send([0, 0, 0, 0])
      let before = server.memory
      for _ in 0..<20 {
        let guest = try Guest(server.endpoint, poller)
        let header: [UInt8] = [0xff, 0xff, 0xff, 0xff]
        switch wire {
        case "echo":
          try guest.send(header + [10])
          #expect(throws: (any Error).self) { try guest.hear() }
        case "frames":
          try guest.send(header)
          #expect(try guest.hear() == nil, "closed at once")
        default:
          // An endless line: the server closes before all of it is sent.
          #expect(throws: PollerError.self) {
            while true { try guest.send([UInt8](repeating: 0xff, count: 65_536)) }
          }
        }
      }
      #expect(sanitizer != nil || server.memory - before < 12 << 20, "of this server and its allocator")
      let report = try server.end()
      #expect(report.server?.map(\.refused).reduce(0, +) == (wire == "echo" ? 0 : 20))
    }
  }
}

/// A server at a Unix socket, where a slow reader's buffer in the kernel does not grow.
private struct UnixServer {
  let running: Tool.Running
  let endpoint: Endpoint

  init(_ wire: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "amy-\(UUID().uuidString.prefix(8))").path
    running = try Tool.start(["serve", "--unix", path, "--protocol", wire, "--drain", "0", "--json"])
    _ = try #require(running.line(containing: "listening on "))
    endpoint = try .unix(path: path)
  }

  /// Its resident memory in bytes.
  var memory: Int {
    let status = try? String(contentsOfFile: "/proc/\(running.process.processIdentifier)/status", encoding: .utf8)
    return status?.firstMatch(of: /VmRSS:\s*(\d+) kB/).flatMap { Int($0.1) }.map { $0 << 10 } ?? 0
  }

  func end() throws -> Tool.Report {
    running.process.terminate()
    return try running.finish().report()
  }
}
