// The tutorial "A chat server in 150 lines": all but its last two lines, which are in main.swift.
import Amy
import AmySockets
import AmyStreams

/// How much a guest may take: nothing is without a limit.
struct ChatLimits: Sendable {
  var guests = 10_000
  var nameLength = 20
  var lineLength = 512
  /// How many bytes may wait for a guest that does not read, before it is told so and dropped.
  var unread = 64 * 1024
  var idle = Duration.seconds(600)
  /// How long a guest that is dropped has to read why.
  var grace = Duration.seconds(5)
}

/// A guest: the socket, what came over it and is no line yet, and what is to go over it.
struct Guest<Stream: ByteStream & StreamSocket & ~Copyable>: ~Copyable {
  let registration: Registration<Stream>
  var lines: LineReader
  var output: StreamWriter
  var timer: TimerRegistration
  var name: String
  var (room, interest, isAtEnd, isLeaving) = ("", Interest.readable, false, false)

  init(_ stream: consuming Stream, _ registrar: Registrar, _ limits: ChatLimits) throws(PollerError) {
    registration = try Registration(stream, with: registrar, for: .readable, trigger: .level)
    timer = TimerRegistration(as: registration.id, with: registrar)
    lines = LineReader(limit: limits.lineLength, budget: 4096)
    // There is room for a farewell above the mark.
    output = StreamWriter(limit: limits.unread + 2048, highWaterMark: limits.unread)
    name = "guest\(registration.id.rawValue)"
  }

  /// Sends what is pending, and a line; throws if the guest must go.
  mutating func send(_ line: String = "") throws {
    let sent = try? line.isEmpty ? output.flush(to: registration.source) : output.write("\(line)\n", to: registration.source)
    // It is gone and reads nothing more; what it sent before is still to be read.
    if sent == nil { output = StreamWriter(limit: 1) }
    if isLeaving, isAtEnd, output.pendingCount == 0 { throw PollerError(.notConnected) }
    // Closing while the guest still sends would be a reset, which overtakes the last line. So the guest closes first.
    if isLeaving, output.pendingCount == 0 { try registration.source.shutdown(.writing) }
    let wish = isAtEnd ? output.interest : output.interest.union(.readable)
    if wish != interest { try registration.arm(for: wish) }
    interest = wish
  }
}

/// Why a guest has to go: its last line.
struct Farewell: Error { let reason: String }

/// The guests, and who gets whose lines.
struct Chat<Stream: ByteStream & StreamSocket & ~Copyable>: ~Copyable {
  let (registrar, limits): (Registrar, ChatLimits)
  private var guests = EventTable<Guest<Stream>>()
  private var (names, rooms) = ([String: Event.ID](), [String: Set<Event.ID>]())
  private var ends: [Event.ID: Farewell] = [:]

  init(_ registrar: Registrar, _ limits: ChatLimits) { (self.registrar, self.limits) = (registrar, limits) }

  var count: Int { guests.count }

  mutating func welcome(_ stream: consuming Stream) -> Bool {
    guard count < limits.guests, let guest = try? Guest(stream, registrar, limits) else { return false }
    let (id, name) = (guest.registration.id, guest.name)
    guests.insert(guest, for: id)
    names[name] = id
    use(id) { guest, limits in try guest.timer.schedule(after: limits.idle) }
    tell(id, "* welcome, \(name): JOIN a room, or ask for HELP")
    return true
  }

  mutating func handle(_ event: Event) {
    if case .timer = event.kind { end(event.id, Farewell(reason: "you said nothing for too long")) } else { serve(event.id) }
    if case .signal = event.kind { for id in names.values { end(id, Farewell(reason: "the chat ends: goodbye")) } }
    while let (id, farewell) = ends.popFirst() { end(id, farewell) }
  }

  /// Does something with a guest, which has to go if that fails, for the first reason.
  private mutating func use(_ id: Event.ID, _ body: (inout Guest<Stream>, ChatLimits) throws -> Void) {
    do {
      try guests.withValue(for: id) { try body(&$0, limits) }
    } catch { ends[id] = ends[id] ?? error as? Farewell ?? Farewell(reason: "\(error)") }
  }

  private mutating func serve(_ id: Event.ID) {
    var said: [String] = []
    use(id) { guest, limits in
      guest.isAtEnd = (try? guest.lines.read(from: guest.registration.source).isAtEnd) ?? true
      if guest.isLeaving { while try guest.lines.nextPiece(atMost: 4096) {} }
      while !guest.isLeaving, try guest.lines.nextOrRest() { said.append(try guest.lines.string()) }
      if !said.isEmpty { try guest.timer.schedule(after: limits.idle) }
      try guest.send()
    }
    for line in said { obey(id, line) }
    use(id) { guest, _ in if guest.isAtEnd, !guest.isLeaving { throw Farewell(reason: "goodbye") } }
  }

  private mutating func obey(_ id: Event.ID, _ line: String) {
    guard let (name, room) = guests.withValue(for: id, { $0.isLeaving ? nil : ($0.name, $0.room) }) ?? nil else { return }
    if line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return tell(id, "* no such text") }
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = words.count > 1 ? words[1] : ""
    switch words.first ?? "HELP" {
    case "NAME" where !isName(rest) || names[rest] != nil: tell(id, "* that name is taken, or none")
    case "NAME":
      (names[name], names[rest]) = (nil, id)
      guests.withValue(for: id) { $0.name = rest }
      tell(id, "* you are \(rest)")
    case "JOIN" where !isName(rest): tell(id, "* that is no name for a room")
    case "JOIN":
      leave(id)
      rooms[rest, default: []].insert(id)
      guests.withValue(for: id) { $0.room = rest }
      tell(id, "* you are in \(rest)")
      say(rest, "* \(name) came", except: id)
    case "MSG":
      let parts = rest.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let other = names[String(parts[0])] else { return tell(id, "* there is nobody of that name") }
      tell(other, "\(name) to you: \(parts[1])")
    case "QUIT": end(id, Farewell(reason: "goodbye"))
    case "HELP": tell(id, "* NAME you, JOIN room, MSG name text, QUIT; anything else, or SAY text, is for the room")
    default: say(room, "\(name): \(words[0] == "SAY" ? rest : line)", except: id)
    }
  }

  private func isName(_ text: String) -> Bool {
    (1...limits.nameLength).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  private mutating func say(_ room: String, _ line: String, except speaker: Event.ID) {
    for id in rooms[room] ?? [] where id != speaker { tell(id, line) }
  }

  private mutating func tell(_ id: Event.ID, _ line: String) {
    use(id) { guest, _ in
      if guest.isLeaving || guest.output.isCongested { return }
      try guest.send(line)
      if guest.output.isCongested { throw Farewell(reason: "you read too slowly: goodbye") }
    }
  }

  /// Sends a last line, and waits a while until it is read; for a guest that is leaving already the time is over.
  private mutating func end(_ id: Event.ID, _ farewell: Farewell) {
    ends[id] = nil
    leave(id)
    let stays = guests.withValue(for: id) { guest in
      guard !guest.isLeaving, (try? guest.timer.schedule(after: limits.grace)) != nil else { return false }
      guest.isLeaving = true
      guest.lines = LineReader(limit: limits.lineLength, budget: 4096)
      return (try? guest.send("* \(farewell.reason)")) != nil
    }
    if stays == false, let guest = guests.removeValue(for: id) { names[guest.name] = nil }
  }

  private mutating func leave(_ id: Event.ID) {
    guard let (name, room) = guests.withValue(for: id, { ($0.name, $0.room) }), !room.isEmpty else { return }
    guests.withValue(for: id) { $0.room = "" }
    rooms[room]?.remove(id)
    if rooms[room]?.isEmpty == true { rooms[room] = nil } else { say(room, "* \(name) left", except: id) }
  }
  /// Lets guests in until a signal to end comes, and goes on until all have left.
  static func serve(_ listener: consuming ListeningSocket<Stream>, _ limits: ChatLimits) throws(PollerError) {
    ([.interrupt, .terminate] as Signals).block()
    let poller = try Poller()
    let ending = try SignalRegistration([.interrupt, .terminate], with: poller.registrar)
    var acceptor: Registration? = try Registration(listener, with: poller.registrar, for: .readable)
    var chat = Chat(poller.registrar, limits)
    var events = EventBuffer()
    var pause: Duration?
    while acceptor != nil || chat.count > 0 {
      try poller.wait(into: &events, timeout: pause)
      // Before guests learn of the end: a guest that has learned of it finds no listener.
      for index in events.indices where events[index].id == ending.id { acceptor = nil }
      for index in events.indices { chat.handle(events[index]) }
      // While no descriptor is left the listener stays silent: it is looked at again after the next event, or in a second.
      pause = (try? acceptor?.source.acceptAll { (stream, _) in _ = chat.welcome(stream) }) == nil ? .seconds(1) : nil
      if pause == nil { try acceptor?.arm(for: .readable) }
    }
  }
}
