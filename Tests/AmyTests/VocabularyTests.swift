import Amy
import SystemPackage
import Testing

@Suite("The vocabulary")
struct VocabularyTests {
  @Test("prints as words, not as numbers")
  func descriptions() throws {
    #expect(Interest([.readable, .writable]).description == "[readable, writable]")
    #expect(Interest.none.description == "[]")
    #expect(Readiness([.readable, .readClosed, .error]).description == "[readable, readClosed, error]")
    let id = try #require(Event.ID(rawValue: 7))
    #expect(Event(id: id, kind: .ready(.writable)).description == "#7 ready [writable]")
    #expect(Event(id: id, kind: .timer(expirations: 3)).description == "#7 timer × 3")
    #expect("\(Event(id: id, kind: .signal(number: 15)))" == "#7 signal 15")
  }

  @Test("says in each error what to do, followed by the system's error")
  func errors() {
    let error = PollerError(.descriptorLimit, errno: .tooManyOpenFiles)
    #expect(error.description.contains("ulimit -n"))
    #expect(error.description.contains("(\(Errno.tooManyOpenFiles))"))
    #expect(PollerError(.closed).description.contains("make a new one"))
    #expect(!PollerError(.closed).description.contains("("))
  }

  /// All codes, in the sources' order.
  static let codes: [PollerError.Code] = [
    .closed, .forked, .alreadyRegistered, .registeredAsShared, .notRegistered, .notPollable, .badDescriptor, .nestedTooDeeply,
    .descriptorLimit, .watchLimit, .outOfMemory, .unsupported, .invalidArgument, .signalsNotBlocked, .noSuchProcess,
    .addressInUse, .addressNotAvailable, .connectionRefused, .backlogFull, .connectionReset, .notConnected, .unreachable,
    .timedOut, .permissionDenied, .messageTooLong, .nameNotFound, .noSpace, .ioError, .other,
  ]

  @Test("has advice of its own for each kind of error")
  func advice() {
    let codes = Self.codes
    #expect(Set(codes).count == 29)
    #expect(Set(codes.map { PollerError($0).description }).count == 29)
    for code in codes { #expect(PollerError(code).description.count > 30, "\(code)") }
  }

  @Test("makes ids from valid numbers only")
  func ids() throws {
    #expect(Event.ID(rawValue: 0) == nil)
    #expect(Event.ID(rawValue: 1 << 60) == nil)
    #expect(Event.ID(rawValue: .max) == nil)
    for number: UInt64 in [1, 1 << 60 - 1] {
      let id = try #require(Event.ID(rawValue: number))
      #expect(id.rawValue == number)
    }
  }

  @Test("reserves half of all ids for callers, and gives out none of them")
  func customIDs() throws {
    var seen: Set<Event.ID> = []
    for number: UInt64 in [0, 1, 7, 1 << 32, 1 << 59 - 1] {
      let id = try #require(Event.ID(customNumber: number))
      #expect(id.customNumber == number)
      #expect(Event.ID(rawValue: id.rawValue) == id)
      seen.insert(id)
    }
    #expect(seen.count == 5)
    for number: UInt64 in [1 << 59, 1 << 60, .max] { #expect(Event.ID(customNumber: number) == nil) }
    for id in (0..<1000).map({ _ in Event.ID.next() }) { #expect(id.customNumber == nil) }
    #expect(Event.ID(rawValue: 1 << 59 - 1)?.customNumber == nil)
    #expect(Event.ID(rawValue: 1 << 59)?.customNumber == 0)
  }

  @Test("has readiness for descriptors only")
  func readiness() {
    #expect(Event(id: .next(), kind: .ready([.readable, .error])).readiness == [.readable, .error])
    for kind: Event.Kind in [.timer(expirations: 1), .message, .user, .signal(number: 2), .process] {
      #expect(Event(id: .next(), kind: kind).readiness.isEmpty)
    }
  }

  @Test("rounds durations up to nanoseconds, and saturates")
  func durations() {
    let expected: [(Duration, UInt64)] = [
      (.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), 0), (.seconds(Int64.min), 0),
      (Duration(secondsComponent: 0, attosecondsComponent: 1), 1),
      (Duration(secondsComponent: 0, attosecondsComponent: 1_000_000_000), 1),
      (Duration(secondsComponent: 0, attosecondsComponent: 1_000_000_001), 2),
      (.seconds(18), 18_000_000_000), (.seconds(19), 19_000_000_000),
      (Duration(secondsComponent: 100, attosecondsComponent: 1), 100_000_000_001),
      (.seconds(18_446_744_073), 18_446_744_073_000_000_000), (.seconds(18_446_744_074), .max),
      (.seconds(Int64.max), .max),
    ]
    for (duration, nanoseconds) in expected { #expect(duration.nanoseconds == nanoseconds, "\(duration)") }
  }

  @Test("puts an id, an interest and a trigger into a watch, and gets them back")
  func watches() throws {
    for number: UInt64 in [1, 0xDEAD_BEEF, 1 << 60 - 1] {
      let id = try #require(Event.ID(rawValue: number))
      for interest: Interest in [.none, .readable, .writable, .priority, [.readable, .writable, .priority]] {
        for trigger in Trigger.allCases {
          let watch = Watch(id: id, interest: interest, trigger: trigger)
          #expect(watch.id == id)
          #expect(watch.interest == interest)
          #expect(watch.trigger == (interest == .none ? .once : trigger))
        }
      }
      #expect(Watch(id: id, interest: Interest(rawValue: 0xFF), trigger: .edge).interest == [.readable, .writable, .priority])
    }
  }
}
