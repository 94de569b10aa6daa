import Amy
import AmySockets
import Foundation
import Testing

@testable import Chat

extension ExampleTests {
  /// Commands, limits, and the end of the chat.
  @Suite(.timeLimit(.minutes(10))) struct ChatTests {
    @Test func theChatKnowsItsCommandsAndItsLimits() throws {
      let chat = try RunningChat()
      let poller = try Poller()
      let (ann, bob) = (try Guest(chat.endpoint, poller), try Guest(chat.endpoint, poller))
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
      try chat.end()
    }

    @Test func whoSaysNothingIsToldAndHasToGo() throws {
      let chat = try RunningChat(ChatLimits(idle: .milliseconds(50)))
      let poller = try Poller()
      let guest = try Guest(chat.endpoint, poller)
      #expect(try guest.hear("* you said nothing for too long") != nil)
      #expect(try guest.hear() == nil)
      try chat.end()
    }

    @Test func aLineThatIsNoTextTakesNoMemory() throws {
      let chat = try RunningChat()
      let poller = try Poller()
      try Guest(chat.endpoint, poller).hear("* welcome")
      let before = RunningChat.memory
      for _ in 0..<20 {
        let guest = try Guest(chat.endpoint, poller)
        try guest.send([0xff, 0xff, 0xff, 0xff, 10])
        #expect(try guest.hear("* a line is not UTF-8") != nil)
        #expect(try guest.hear() == nil)
      }
      #expect(sanitizer != nil || RunningChat.memory - before < 12 << 20, "of this process and its allocator")
      try chat.end()
    }

    @Test func whoIsThereAtTheEndIsToldAndMayReadWhatIsLeft() throws {
      let chat = try RunningChat()
      let poller = try Poller()
      let (ann, bob) = (try Guest(chat.endpoint, poller), try Guest(chat.endpoint, poller))
      try ann.say("JOIN tea")
      try ann.hear("* you are in")
      try bob.say("JOIN tea")
      try bob.hear("* you are in")
      for number in 0..<100 { try ann.say("\(number)") }
      try ann.say("HELP")
      try ann.hear("* NAME you")
      kill(getpid(), SIGTERM)
      #expect(try ann.hear("* the chat ends: goodbye") != nil)
      #expect(try ann.hear() == nil)
      for number in 0..<100 { #expect(try bob.hear("guest")?.hasSuffix(": \(number)") == true) }
      #expect(try bob.hear("* the chat ends: goodbye") != nil)
      #expect(try bob.hear() == nil)
      #expect(throws: PollerError.self) { try Guest(chat.endpoint, poller) }
      try chat.join()
    }

    /// 200 clients, 20 of whom never read.
    ///
    /// Needs some 500 descriptors.
    @Test(.enabled(if: mayOpen(600)))
    func slowReadersAreToldAndDroppedAndNobodyElseLosesAnything() throws {
      let chat = try RunningChat()
      let poller = try Poller()
      let guests = try (0..<200).map { _ in try Guest(chat.endpoint, poller) }
      let (slow, talkers) = (guests[..<20], guests[20...])
      for (number, guest) in guests.enumerated() {
        try guest.say("NAME g\(number)\nJOIN all")
        try guest.hear("* you are in all")
      }
      for talker in talkers.dropLast() { try talker.hear("* g199 came") }
      let before = RunningChat.memory
      let text = String(repeating: "x", count: 400)
      var round = 0
      var left = [Int](repeating: 0, count: 200)
      let clock = ContinuousClock()
      var calm = clock.now
      while left[20] < 20, round < 20 {
        if left.allSatisfy({ $0 == 0 }) { calm = clock.now }
        for talker in talkers { try talker.say("\(round) \(text)") }
        for (number, talker) in zip(20..., talkers) {
          // In order, and one from each of the others per round.
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
      #expect(sanitizer != nil || RunningChat.memory - before < 24 << 20, "20 × 66 KiB, and the initial memory of all 200")
      // Half of the slow guests start to read in time, and get the message: within five seconds, which a slow machine may need
      // to get here.
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
      try chat.end()
    }
  }
}

/// Returns whether this process may have this many descriptors.
private func mayOpen(_ count: Int) -> Bool {
  let last = dup2(0, Int32(count))
  if last < 0 { return false }
  close(last)
  return true
}
