import Amy
import AmySockets
import Foundation
import Testing

extension ToolTests {
  /// How a connection's input is cut into pieces never changes the answers.
  ///
  /// Expected answers are computed here, byte by byte, for one piece and random ones. A failure is shrunk, and reported with
  /// its seed.
  @Suite(.timeLimit(.minutes(10))) struct CutTests {
    static let places = ["handover", "shared", "sharded", "handover unix", "shared unix"]

    @Test(arguments: places, ["echo", "lines", "frames"])
    func answersDoNotDependOnHowTheInputWasCut(place: String, wire: String) throws {
      let server = try Place(place, wire)
      for seed in UInt64(0)..<60 {
        let talk = Talk.random(wire, seed)
        guard let wrong = wrong(talk, wire, server.endpoint) else { continue }
        let steps = shrink(talk.steps, asking: 60) { steps in
          self.wrong(Talk(steps: steps, end: talk.end), wire, server.endpoint) != nil
        }
        let shortest = Talk(steps: steps, end: talk.end)
        Issue.record("seed \(seed): \(wrong); shortest: \(shortest.steps), \(shortest.end)")
        break
      }
      #expect(try server.end().ok)
    }

    /// Returns what is wrong with the answers, in one piece or these.
    private func wrong(_ talk: Talk, _ wire: String, _ endpoint: Endpoint) -> String? {
      let (expected, isFault) = Self.answers(to: talk.bytes, wire)
      if talk.end == .listen, !isFault { return nil }
      for (name, talk) in [("in one piece", talk.uncut), ("cut", talk)] {
        let answer = talk.play(at: endpoint)
        if talk.end == .close ? answer.error != nil : answer != Talk.Answer(bytes: expected, isEnded: true) {
          let error = answer.error.map { ", \($0)" } ?? ""
          return "\(name): \(answer.bytes.count) bytes of \(expected.count), ended: \(answer.isEnded)\(error)"
        }
      }
      return nil
    }

    /// Returns the correct answers before a fault or the end, and whether there is a fault.
    static func answers(to bytes: [UInt8], _ wire: String) -> (bytes: [UInt8], isFault: Bool) {
      var answers: [UInt8] = []
      var rest = bytes[...]
      let limit = 1 << 20
      while !rest.isEmpty {
        switch wire {
        case "lines":
          var line = rest.prefix { $0 != 10 }
          rest = rest.dropFirst(line.count + 1)
          if line.last == 13, line.endIndex < bytes.endIndex { line.removeLast() }
          if line.count > limit { return (answers, true) }
          answers += line + [10]
        case "frames":
          let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
          guard rest.count >= 4 else { return (answers, false) }
          if length > limit { return (answers, true) }
          if rest.count < 4 + length { return (answers, false) }
          answers += rest.prefix(4 + length)
          rest = rest.dropFirst(4 + length)
        default: return (bytes, false)
        }
      }
      return (answers, false)
    }

    /// The smallest case of the kind.
    @Test(arguments: places, [Talk.End.listen, .halfClose])
    func whatWasRightBeforeAFaultIsAnsweredBeforeTheEnd(place: String, end: Talk.End) throws {
      let server = try Place(place, "frames")
      let frames = [UInt8]((0..<50).map { [0, 0, 0, 2, 7, $0] }.joined())
      let talk = Talk(steps: [.say(frames + [0xff, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 100_000))], end: end)
      #expect(talk.play(at: server.endpoint) == Talk.Answer(bytes: frames, isEnded: true))
      let report = try server.end()
      #expect(report.server?.map(\.refused).reduce(0, +) == 1)
    }

    @Test(arguments: places)
    func aLastLineWithoutItsEndIsAnswered(place: String) throws {
      let server = try Place(place, "lines")
      let talk = Talk(steps: [.say(Array("one\ntwo".utf8))], end: .halfClose)
      #expect(talk.play(at: server.endpoint) == Talk.Answer(bytes: Array("one\ntwo\n".utf8), isEnded: true))
      _ = try server.end()
    }

    /// More than all buffers on the way hold, and the input ends before any answer is read.
    @Test(arguments: places, ["echo", "lines", "frames"])
    func whoSaysAllBeforeReadingGetsAllAnswers(place: String, wire: String) throws {
      let server = try Place(place, wire)
      var random = SplitMix(state: 1)
      var bytes: [UInt8] = []
      while bytes.count < 12 << 20 { bytes += Talk.item(wire, 1 << random.below(16)) }
      let talk = Talk(steps: [.say(bytes)], end: .halfClose)
      let answer = talk.play(at: server.endpoint, reading: false)
      #expect(answer.error == nil && answer.isEnded)
      #expect(answer.bytes == bytes, "\(answer.bytes.count) bytes of \(bytes.count)")
      _ = try server.end()
    }
  }
}

/// A server with a model, an address and a protocol.
private struct Place {
  let running: Tool.Running
  let endpoint: Endpoint

  init(_ place: String, _ wire: String) throws {
    var arguments = ["serve", "--protocol", wire, "--drain", "0", "--json"]
    arguments += ["--model", String(place.prefix { $0 != " " }), "--threads", "2"]
    if place.hasSuffix("unix") {
      let file = FileManager.default.temporaryDirectory.appending(path: "amy-\(UUID().uuidString.prefix(8))")
      arguments += ["--unix", file.path]
    } else {
      arguments += ["--listen", "127.0.0.1:0"]
    }
    running = try Tool.start(arguments)
    endpoint = try Endpoint(parsing: try running.address())
  }

  func end() throws -> Tool.Report {
    running.process.terminate()
    return try running.finish().report()
  }
}

extension Talk {
  /// Returns an item with `count` payload bytes.
  static func item(_ wire: String, _ count: Int) -> [UInt8] {
    let content = [UInt8](repeating: UInt8(97 + count % 26), count: count)
    switch wire {
    case "lines": return content + [10]
    case "frames": return [0, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)] + content
    default: return content
    }
  }

  /// Returns items, perhaps with a part of one or a fault, cut anywhere.
  static func random(_ wire: String, _ seed: UInt64) -> Talk {
    var random = SplitMix(state: seed)
    var bytes: [UInt8] = []
    for _ in 0..<random.below(40) { bytes += item(wire, random.below(10) == 0 ? random.below(150_000) : random.below(30)) }
    var end = [End.halfClose, .halfClose, .halfClose, .close][random.below(4)]
    switch random.below(4) {
    case 0: bytes += item(wire, 10).dropLast(1 + random.below(8))
    case 1, 2:
      switch wire {
      case "frames": bytes += [UInt8](repeating: 0xff, count: 4 + random.below(20_000))
      case "lines" where random.below(8) == 0: bytes += [UInt8](repeating: 0xff, count: (1 << 20) + 10_000)
      default: break
      }
      if random.below(2) == 0, ToolTests.CutTests.answers(to: bytes, wire).isFault { end = .listen }
    default: break
    }
    return Talk(steps: cut(bytes, &random), end: end)
  }
}
