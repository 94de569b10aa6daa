import Amy
import AmySockets
import AmyThreads
import Foundation
import Testing

extension DemoTests {
  /// Lines, frames and the chat.
  @Suite(.timeLimit(.minutes(2))) struct ProtocolTests {
    @Test(arguments: ["echo", "lines", "frames", "chat"])
    func everyProtocolIsServedAndVerified(wire: String) throws {
      let server = try Demo.start("serve", "--listen", "127.0.0.1:0", "--protocol", wire, "--json")
      let address = try server.address()
      let load = try Demo.run(
        "load", "--connect", address, "--protocol", wire, "--connections", "24", "--seconds", "0.3", "--json")
      #expect(load.status == 0, "\(load.errors) \(load.output)")
      server.process.terminate()
      let report = try server.finish().report()
      #expect(report.ok && report.connections == 24)
      let requests = try load.report().requests
      #expect(requests >= 24 && report.requests >= requests)
      if wire != "chat" { #expect(try load.report().bytes == report.bytes) }
    }

    @Test(arguments: ["lines", "frames"], ["shared", "sharded"])
    func longItemsAreServedInEachModel(wire: String, model: String) throws {
      let server = try Demo.start("serve", "--listen", "127.0.0.1:0", "--protocol", wire, "--model", model, "--json")
      let address = try server.address()
      for size in ["1", "1048576"] {
        let load = try Demo.run(
          "load", "--connect", address, "--protocol", wire, "--connections", "3", "--seconds", "0.2", "--size", size, "--json")
        #expect(load.status == 0, "\(load.errors) \(load.output)")
      }
      server.process.terminate()
      #expect(server.finish().status == 0)
    }

    @Test func aWrongProtocolIsFound() throws {
      let server = try Demo.start("serve", "--listen", "127.0.0.1:0", "--protocol", "echo")
      let address = try server.address()
      let load = try Demo.run(
        "load", "--connect", address, "--protocol", "chat", "--connections", "2", "--seconds", "0.1", "--json")
      #expect(load.status == 69, "nobody could join a room")
      #expect(try !load.report().ok)
      server.process.terminate()
      _ = server.finish()
    }

    /// A header of FF FF FF FF, and what follows it, to each server.
    @Test(arguments: ["echo", "lines", "frames", "chat"])
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
        case "lines":
          // A line that never ends. The server closes before all of it is sent.
          #expect(throws: PollerError.self) {
            while true { try guest.send([UInt8](repeating: 0xff, count: 65_536)) }
          }
        default:
          try guest.send(header + [10])
          #expect(try guest.hear("* a line is not UTF-8") != nil)
          #expect(try guest.hear() == nil)
        }
      }
      #expect(Demo.isSanitized || server.memory - before < 12 << 20, "of this server and its allocator")
      let report = try server.end()
      #expect(report.server?.map(\.refused).reduce(0, +) == (wire == "lines" || wire == "frames" ? 20 : 0))
    }

    @Test func theChatKnowsItsCommandsAndItsLimits() throws {
      let server = try UnixServer("chat")
      let poller = try Poller()
      let (ann, bob) = (try Guest(server.endpoint, poller), try Guest(server.endpoint, poller))
      try ann.say("NAME ann\r\nJOIN tea\r")
      #expect(try ann.hear("* you are in") == "* you are in tea")
      try bob.say("NAME ann")
      #expect(try bob.hear("* that") == "* that name is taken, or none")
      for name in ["", "a b", "a:b", "ü", String(repeating: "n", count: 21)] {
        try bob.say("NAME \(name)")
        #expect(try bob.hear("* that") == "* that name is taken, or none")
      }
      try bob.say("NAME bob\nJOIN tea\nhello there\nSAY again\n\u{1B}[2J\nMSG ann psst\nMSG nobody x\nQUIT")
      #expect(try ann.hear() == "* bob came")
      #expect(try ann.hear() == "bob: hello there")
      #expect(try ann.hear() == "bob: again")
      #expect(try ann.hear() == "bob to you: psst")
      #expect(try ann.hear() == "* bob left")
      #expect(try bob.hear("* no such text") != nil)
      #expect(try bob.hear() == "* there is nobody of that name")
      #expect(try bob.hear() == "* goodbye")
      #expect(try bob.hear() == nil)
      try ann.send([UInt8](repeating: 97, count: 600))
      #expect(try ann.hear("* a line is longer than the limit of 512") != nil)
      #expect(try ann.hear() == nil)
      _ = try server.end()
    }

    @Test func whoSaysNothingIsToldAndHasToGo() throws {
      let server = try UnixServer("chat", "--idle", "0.05")
      let poller = try Poller()
      let guest = try Guest(server.endpoint, poller)
      #expect(try guest.hear("* you said nothing for too long") != nil)
      #expect(try guest.hear() == nil)
      #expect(try server.end().connections == 1)
    }

    /// 200 clients, 20 of whom never read.
    ///
    /// Needs more than 64 descriptors.
    @Test(.enabled(if: DescriptorLimit.current.hard > 256))
    func slowReadersAreToldAndDroppedAndNobodyElseLosesAnything() throws {
      _ = DescriptorLimit.raised()
      let server = try UnixServer("chat")
      let poller = try Poller()
      let guests = try (0..<200).map { _ in try Guest(server.endpoint, poller) }
      let (slow, talkers) = (guests[..<20], guests[20...])
      for (number, guest) in guests.enumerated() {
        try guest.say("NAME g\(number)\nJOIN all")
        try guest.hear("* you are in all")
      }
      for talker in talkers.dropLast() { try talker.hear("* g199 came") }
      let before = server.memory
      let text = String(repeating: "x", count: 400)
      var round = 0
      var left = [Int](repeating: 0, count: 200)
      let clock = ContinuousClock()
      var calm = clock.now
      while left[20] < 20, round < 20 {
        if left.allSatisfy({ $0 == 0 }) { calm = clock.now }
        for talker in talkers { try talker.say("\(round) \(text)") }
        for (number, talker) in zip(20..., talkers) {
          // In order, and each of the others once a round.
          var missing = Set(20..<200).subtracting([number])
          while !missing.isEmpty, let line = try talker.hear() {
            if line.hasSuffix(" left") {
              left[number] += 1
              continue
            }
            let words = line.split(separator: " ")
            let isRight = words.count == 3 && words[0].last == ":" && Int(words[1]) == round && words[2] == text
            guard isRight, let speaker = Int(words[0].dropFirst().dropLast()), missing.remove(speaker) != nil else {
              Issue.record("round \(round): \(line.prefix(60))")
              return
            }
          }
          #expect(missing.isEmpty)
        }
        round += 1
      }
      #expect(left[20] == 20, "after \(round) rounds")
      #expect(Demo.isSanitized || server.memory - before < 24 << 20, "20 × 66 KiB, and what all 200 had at first")
      // Half of the slow ones wake up in time, and are told: in five seconds, which a slow machine may take to get here.
      for guest in slow.prefix(10) {
        let isTold = try guest.hear("* you read too slowly: goodbye") != nil
        #expect(isTold || calm.duration(to: clock.now) > .seconds(4))
        #expect(try guest.hear() == nil)
      }
      // The others never read, and are dropped all the same.
      for guest in slow.dropFirst(10) {
        var isGone = false
        while !isGone {
          let readiness = try #require(try guest.wait(for: .readable))
          isGone = readiness.contains(.readClosed)
        }
      }
      let report = try server.end()
      #expect(report.connections == 200 && report.server?.first?.dropped == 20)
    }
  }
}

/// A server at a Unix socket of its own: what its kernel keeps of a slow reader does not grow there.
private struct UnixServer {
  let running: Demo.Running
  let endpoint: Endpoint

  init(_ wire: String, _ options: String...) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "amy-\(UUID().uuidString.prefix(8))").path
    running = try Demo.start(["serve", "--unix", path, "--protocol", wire, "--drain", "0", "--json"] + options)
    _ = try #require(running.line(containing: "listening on "))
    endpoint = try .unix(path: path)
  }

  /// The bytes of memory that it has in use.
  var memory: Int {
    let status = try? String(contentsOfFile: "/proc/\(running.process.processIdentifier)/status", encoding: .utf8)
    return status?.firstMatch(of: /VmRSS:\s*(\d+) kB/).flatMap { Int($0.1) }.map { $0 << 10 } ?? 0
  }

  func end() throws -> Demo.Report {
    running.process.terminate()
    return try running.finish().report()
  }
}
