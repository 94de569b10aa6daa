// The chat example: guests send anything, in any pieces, hang up, do not read, or are silent.
//
// Two bytes are an operation of one of four guests; some use the following bytes. No guest may send lines that look like the
// server's or another guest's, or be heard in a room that it is not in.

import Amy
import AmySockets
import AmyStreams

/// One run of the fuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzChat(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count >= 2 else { return 0 }
  do {
    var party = try Party()
    try party.play(Array(UnsafeBufferPointer(start: start, count: count)))
    try party.end()
  } catch {
    preconditionFailure("\(error)")
  }
  return 0
}

/// A client's end, and its received lines.
final class Visitor {
  let stream: UnixStream
  let id: Event.ID
  var name = ""
  var room = ""
  var isReading = true
  private var lines = LineReader(limit: 4096, budget: 1 << 20)

  init(_ stream: consuming UnixStream, _ id: Event.ID) {
    self.stream = stream
    self.id = id
  }

  func say(_ bytes: [UInt8]) {
    // Lost if the other end does not read; a closed stream accepts nothing.
    _ = try? stream.write(bytes)
  }

  func hear(_ body: (String) -> Void) {
    guard isReading, (try? lines.read(from: stream)) != nil else { return }
    while let isLine = try? lines.next(), isLine { body((try? lines.string()) ?? "* not UTF-8") }
  }
}

struct Party: ~Copyable {
  private let poller: Poller
  private var chat: Chat<UnixStream>
  private var visitors: [Visitor?] = [nil, nil, nil, nil]
  private var events = EventBuffer()
  private static let limits = ChatLimits(guests: 3, nameLength: 8, lineLength: 40, unread: 400, idle: .seconds(3600))

  init() throws(PollerError) {
    poller = try Poller()
    chat = Chat(poller.registrar, Self.limits)
  }

  mutating func play(_ input: [UInt8]) throws(PollerError) {
    var rest = input[...]
    while let operation = rest.popFirst() {
      let place = Int(operation & 3)
      switch operation >> 2 & 15 {
      case 0: try come(place)
      case 1: visitors[place] = nil
      case 2: visitors[place]?.isReading.toggle()
      case 3: visitors[place].map { chat.handle(Event(id: $0.id, kind: .timer(expirations: 1))) }
      case 4: visitors[place].map { try? $0.stream.shutdown(.writing) }
      case 5...9:
        let words = Self.words[Int(rest.popFirst() ?? 0) % Self.words.count]
        visitors[place]?.say(Array(words.utf8))
      default:
        let length = Int(rest.popFirst() ?? 0) % 48
        visitors[place]?.say(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
      }
      try pump()
      for place in visitors.indices { listen(place) }
    }
  }

  /// In the end all guests are gone, whether they read or not.
  mutating func end() throws(PollerError) {
    let ids = visitors.compactMap { $0?.id }
    for place in visitors.indices { visitors[place] = nil }
    try pump()
    for id in ids + ids { chat.handle(Event(id: id, kind: .timer(expirations: 1))) }
    check(chat.count == 0)
  }

  private static let words = [
    "\n", "\r\n", "NAME a\n", "NAME b\n", "NAME a", "NAME aaaaaaaa\n", "NAME aaaaaaaaa\n", "JOIN r\n", "JOIN s\n", "JOIN ",
    "QUIT\n",
    "HELP\n", "SAY x\n", "SAY * b left\n", "MSG a x\n", "MSG b * you are c\n", "MSG a \n", "hello\n", "* you are in r\n", " \n",
    "a: x\n",
    "\u{301}\n", "NAME \u{301}\n", "SAY\u{a0}x\n", "\u{1b}[2J\n", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "\u{ff}",
  ]

  private mutating func come(_ place: Int) throws(PollerError) {
    if visitors[place] != nil { return }
    let pair = try UnixStream.pair()
    let before = poller.registrar.reserveID()
    let isLetIn = chat.count < Self.limits.guests
    check(chat.welcome(pair.first) == isLetIn)
    guard isLetIn, let id = Event.ID(rawValue: before.rawValue + 1) else { return }
    let visitor = Visitor(pair.second, id)
    visitor.name = "guest\(id.rawValue)"
    visitors[place] = visitor
  }

  private mutating func pump() throws(PollerError) {
    for _ in 0..<100 {
      try poller.wait(into: &events, timeout: .zero)
      if events.isEmpty { return }
      for index in events.indices { chat.handle(events[index]) }
    }
    check(false)
  }

  /// Each received line must be true, as far as can be checked.
  private func listen(_ place: Int) {
    guard let visitor = visitors[place] else { return }
    visitor.hear { line in
      check(!line.isEmpty && line.utf8.count <= 200)
      check(!line.unicodeScalars.contains { $0.value < 32 || $0.value == 127 })
      if line.hasPrefix("* ") {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).dropFirst().map(String.init)
        check(Self.isServers(line, words))
        if words.starts(with: ["you", "are"]), let last = words.last {
          if words.count == 3 { visitor.name = last } else if words.count == 4 { visitor.room = last }
        }
      } else {
        // After its name.
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let speaker = parts[0].hasSuffix(" to you") ? parts[0].dropLast(7) : parts[0]
        check(parts.count == 2 && parts[1].utf8.first == UInt8(ascii: " ") && Self.isName(speaker, atMost: 28))
      }
    }
  }

  // Regular expressions took nine tenths of each run.
  private static func isServers(_ line: String, _ words: [String]) -> Bool {
    if known.contains(line) || openings.contains(where: { line.hasPrefix($0) }) { return true }
    switch words.count {
    case 2: return isName(words[0], atMost: 28) && ["came", "left"].contains(words[1])
    case 3: return words.starts(with: ["you", "are"]) && isName(words[2], atMost: 8)
    case 4: return words.starts(with: ["you", "are", "in"]) && isName(words[3], atMost: 8)
    default:
      let number = words[1].dropFirst(5).dropLast()
      return words[0] == "welcome," && words[1] == "guest\(number):" && !number.isEmpty
        && number.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        && words[2...].joined(separator: " ") == "JOIN a room, or ask for HELP"
    }
  }

  private static func isName(_ text: some StringProtocol, atMost length: Int) -> Bool {
    (1...length).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  private static let known: Set<String> = [
    "* no such text", "* that name is taken, or none", "* that is no name for a room", "* there is nobody of that name",
    "* goodbye", "* you said nothing for too long", "* you read too slowly: goodbye",
  ]
  private static let openings = [
    "* NAME you, JOIN room", "* a line is not UTF-8", "* a line is longer than the limit of 40", "* the ",
  ]
}
