import Amy
import AmySockets
import Foundation
import Testing

extension ExampleTests {
  /// The way a guest's input is cut into pieces never changes what the guest and its room receive.
  ///
  /// Each conversation is held in one piece and in random ones. A failure is shrunk as far as possible, and reported with its
  /// seed.
  @Suite(.timeLimit(.minutes(10))) struct ChatCutTests {
    /// A guest talks in a room where another listens.
    @Test(arguments: ["tcp", "unix"])
    func theChatHearsTheSameHoweverItIsCut(place: String) throws {
      let chat = try RunningChat(overTCP: place == "tcp")
      var run = 0
      for seed in UInt64(0)..<60 {
        let talk = Talk.randomChat(seed)
        guard let difference = try difference(talk, chat.endpoint, &run) else { continue }
        let steps = shrink(talk.steps, asking: 60) { steps in
          (try? self.difference(Talk(steps: steps, end: talk.end), chat.endpoint, &run)) ?? nil != nil
        }
        let texts = steps.map { if case .say(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "" } }
        Issue.record("seed \(seed): \(difference); shortest: \(texts.map { $0.suffix(100) }), \(talk.end)")
        break
      }
      try chat.end()
    }

    /// Returns the difference between the results in one piece and in these pieces; nil if there is none.
    private func difference(_ talk: Talk, _ endpoint: Endpoint, _ run: inout Int) throws -> String? {
      let whole = try hear(talk.uncut, endpoint, &run)
      let cut = try hear(talk, endpoint, &run)
      return whole == cut ? nil : "in one piece \(whole), cut \(cut)"
    }

    /// Returns what the guest receives, unless it closes early, and then what its room receives.
    private func hear(_ talk: Talk, _ endpoint: Endpoint, _ run: inout Int) throws -> [String] {
      run += 1
      let name = "t\(run)"
      let talker = Talk(steps: [.say(Array("NAME \(name)\nJOIN r\(name)\n".utf8))] + talk.steps, end: talk.end)
      let lines =
        if endpoint.family == .unix {
          try hear(talker, name, endpoint, Line(UnixStream(connectingTo: endpoint)))
        } else {
          try hear(talker, name, endpoint, Line(TCPStream(connectingTo: endpoint)))
        }
      return lines.map { $0.replacingOccurrences(of: name, with: "t") }
    }

    private func hear(
      _ talker: Talk, _ name: String, _ endpoint: Endpoint, _ room: consuming Line<some StreamSocket & ~Copyable>
    ) throws -> [String] {
      var heard = Talk.Answer()
      try room.connect()
      try room.say(Array("JOIN r\(name)\n".utf8), true, &heard)
      _ = try room.lines(upTo: "* you are in", &heard)
      let answer = talker.play(at: endpoint)
      var lines: [String] = []
      if talker.end != .close {
        // The welcome differs in the name.
        lines = String(decoding: answer.bytes, as: UTF8.self).split(separator: "\n").dropFirst().map(String.init)
        lines.append("ended: \(answer.isEnded)")
        if let error = answer.error { lines.append("\(error)") }
      }
      return try lines + room.lines(upTo: "* \(name) left", &heard)
    }
  }
}

extension Talk {
  /// Returns commands, and perhaps something that ends a guest, cut anywhere.
  static func randomChat(_ seed: UInt64) -> Talk {
    var random = SplitMix(state: seed)
    let long = "SAY " + String(repeating: "x", count: 300)
    let lines = ["SAY hello", "what?", "HELP", "MSG nobody x", "JOIN ", "\u{1b}[2J", "", "SAY so\r", long]
    var bytes: [UInt8] = []
    for number in 0..<random.below(60) { bytes += Array("SAY \(number)\n\(lines[random.below(lines.count)])\n".utf8) }
    var end = [End.halfClose, .halfClose, .close][random.below(3)]
    let tail = random.below(6)
    switch tail {
    case 0: bytes += Array("SAY unended".utf8)
    case 1: bytes += [UInt8](repeating: 97, count: 600)
    case 2: bytes += [0xff, 10]
    case 3: bytes += Array("QUIT\nSAY too late\n".utf8)
    default: break
    }
    if 1...3 ~= tail {
      bytes += Array(String(repeating: "SAY too late\n", count: random.below(800)).utf8)
      if random.below(2) == 0 { end = .listen }
    }
    return Talk(steps: cut(bytes, &random), end: end)
  }
}
