@testable import Amy
import AmyTestSupport
import Foundation
import Testing

@Suite("A timer queue")
struct TimerWheelTests {
  /// Expired ids with their counts.
  struct Fired: Equatable {
    var ids: [UInt64] = []
    var counts: [UInt32] = []
    var isMore = false
  }

  static func expire(_ queue: inout TimerWheel, at now: UInt64, atMost limit: Int = .max) -> Fired {
    var fired = Fired()
    fired.isMore = queue.expire(at: now, atMost: limit) { id, count in
      fired.ids.append(id)
      fired.counts.append(count)
    }
    return fired
  }

  /// A fresh slot begins with the test's generation, so that generations end within it.
  @discardableResult
  static func insert(
    into queue: inout TimerWheel, id: UInt64, deadline: UInt64, period: UInt64, firstGeneration: UInt32 = 1
  ) throws -> TimerWheel.Handle {
    let inserted = queue.insert(id: id, deadline: deadline, period: period)
    let handle = try #require(inserted)
    guard handle.generation == 1 else { return handle }
    queue.lists[generationOf: handle.slot] = firstGeneration
    return TimerWheel.Handle(slot: handle.slot, generation: firstGeneration)
  }

  @Test("is empty at first, and stays empty as time passes")
  func empty() {
    var queue = TimerWheel()
    #expect(Self.expire(&queue, at: 5) == Fired())
    #expect(Self.expire(&queue, at: .max) == Fired())
    let (count, next) = (queue.count, queue.nextDeadline)
    #expect(count == 0)
    #expect(next == .max)
  }

  @Test("fires at the deadline, not a nanosecond earlier", arguments: [1, 2, 255, 256, 257, 65_535, 65_536, 1 << 40, .max])
  func neverEarly(_ deadline: UInt64) throws {
    for start in [0, deadline / 2, deadline - 1] {
      var queue = TimerWheel(at: start)
      try Self.insert(into: &queue, id: 7, deadline: deadline, period: 0)
      let next = queue.nextDeadline
      #expect(next == deadline)
      #expect(Self.expire(&queue, at: deadline - 1) == Fired())
      #expect(Self.expire(&queue, at: deadline).ids == [7])
      let count = queue.count
      #expect(count == 0)
    }
  }

  @Test("keeps the insertion order of equal deadlines, even if some cascaded from coarser wheels")
  func equalDeadlines() throws {
    let deadline: UInt64 = 0x01_02_03_04_05
    var queue = TimerWheel()
    var id: UInt64 = 0
    for now in [0, 0x01_00_00_00_00, 0x01_02_00_00_00, 0x01_02_03_00_00, 0x01_02_03_04_00, 0x01_02_03_04_04] as [UInt64] {
      #expect(Self.expire(&queue, at: now) == Fired())
      for _ in 0..<100 {
        id += 1
        try Self.insert(into: &queue, id: id, deadline: deadline, period: 0)
      }
    }
    #expect(Self.expire(&queue, at: deadline).ids == Array(1...id))
  }

  @Test("fires in the order of deadlines, to the nanosecond, in one call")
  func order() throws {
    var random = SplitMix(state: 1)
    var queue = TimerWheel(at: 1_000_000)
    let deadlines = (0..<10_000).map { _ in 1_000_000 + random.next() >> (random.next() % 63) / 2 }
    for (id, deadline) in deadlines.enumerated() {
      try Self.insert(into: &queue, id: UInt64(id), deadline: deadline, period: 0)
    }
    let fired = Self.expire(&queue, at: .max)
    #expect(fired.ids == deadlines.indices.sorted { (deadlines[$0], $0) < (deadlines[$1], $1) }.map(UInt64.init))
  }

  @Test("fires overdue and zero deadlines first at the next call, in insertion order")
  func past() throws {
    var queue = TimerWheel()
    #expect(Self.expire(&queue, at: 1_000) == Fired())
    for (id, deadline) in [1_001, 999, 0, 1_000].enumerated() {
      try Self.insert(into: &queue, id: UInt64(id), deadline: UInt64(deadline), period: 0)
    }
    let next = queue.nextDeadline
    #expect(next == 1_000)
    #expect(Self.expire(&queue, at: 1_000).ids == [1, 2, 3])
    #expect(Self.expire(&queue, at: 1_001).ids == [0])
  }

  @Test("keeps deadlines of centuries, to the end of time")
  func huge() throws {
    var queue = TimerWheel(at: 1 << 50)
    let once = try Self.insert(into: &queue, id: 1, deadline: .max, period: 0)
    try Self.insert(into: &queue, id: 2, deadline: .max - 1, period: .max)
    try Self.insert(into: &queue, id: 3, deadline: 1 << 63, period: 1 << 63)
    #expect(Self.expire(&queue, at: 1 << 62) == Fired())
    // The next deadline would be after the end of time.
    #expect(Self.expire(&queue, at: .max - 1) == Fired(ids: [3, 2], counts: [1, 1]))
    let (next, isPending) = (queue.nextDeadline, queue.remove(once))
    #expect(next == .max)
    #expect(isPending)
    #expect(Self.expire(&queue, at: .max) == Fired(ids: [3, 2], counts: [1, 1]))
    let count = queue.count
    #expect(count == 0)
  }

  @Test("counts the deadlines that have passed, does not drift, and saturates")
  func periods() throws {
    var queue = TimerWheel()
    let timer = try Self.insert(into: &queue, id: 1, deadline: 1_000, period: 100)
    #expect(Self.expire(&queue, at: 999) == Fired())
    #expect(Self.expire(&queue, at: 1_000).counts == [1])
    #expect(Self.expire(&queue, at: 1_099) == Fired())
    #expect(Self.expire(&queue, at: 1_199).counts == [1])
    #expect(Self.expire(&queue, at: 1_200).counts == [1])
    #expect(Self.expire(&queue, at: 3_250).counts == [20])
    let next = queue.nextDeadline
    #expect(next == 3_300)
    let isPending = queue.remove(timer)
    #expect(isPending)

    try Self.insert(into: &queue, id: 2, deadline: 0, period: 1)
    #expect(Self.expire(&queue, at: UInt64(UInt32.max) - 2).counts == [.max - 1])
    #expect(Self.expire(&queue, at: 1 << 40).counts == [.max])
    #expect(Self.expire(&queue, at: .max).counts == [.max])
  }

  @Test("loses nothing and repeats nothing when more is due than is taken")
  func limits() throws {
    var queue = TimerWheel()
    for id in 0..<1_000 as Range<UInt64> {
      try Self.insert(into: &queue, id: id, deadline: 5_000 + id / 3 * 1_000, period: id % 10 == 0 ? 10_000_000 : 0)
    }
    var ids: [UInt64] = []
    #expect(Self.expire(&queue, at: 4_999, atMost: 0).isMore == false)
    #expect(Self.expire(&queue, at: 5_000, atMost: 0).isMore)
    while true {
      let fired = Self.expire(&queue, at: 1_000_000, atMost: 7)
      ids += fired.ids
      #expect(fired.isMore == (ids.count < 1_000))
      if !fired.isMore { break }
      #expect(fired.ids.count == 7)
    }
    #expect(ids == Array(0..<1_000))
    let count = queue.count
    #expect(count == 100)
  }

  @Test("removes timers that are still due after a limited call")
  func removalBetweenResults() throws {
    var queue = TimerWheel()
    let timers = try (0..<5).map { id in try Self.insert(into: &queue, id: id, deadline: 10, period: 0) }
    #expect(Self.expire(&queue, at: 20, atMost: 2) == Fired(ids: [0, 1], counts: [1, 1], isMore: true))
    let answers = [queue.remove(timers[0]), queue.remove(timers[3]), queue.remove(timers[3])]
    #expect(answers == [false, true, false])
    #expect(Self.expire(&queue, at: 20).ids == [2, 4])
  }

  @Test("moves a pending timer, which keeps its handle and queues last at its new deadline")
  func moving() throws {
    var queue = TimerWheel()
    let first = try Self.insert(into: &queue, id: 1, deadline: 1_000_000, period: 0)
    try Self.insert(into: &queue, id: 2, deadline: 50, period: 0)
    let isMoved = queue.move(first, deadline: 50, period: 7)
    #expect(isMoved)
    #expect(Self.expire(&queue, at: 50).ids == [2, 1])
    #expect(Self.expire(&queue, at: 57).ids == [1])
    let isMovedOn = queue.move(first, deadline: 60, period: 0)
    #expect(isMovedOn)
    #expect(Self.expire(&queue, at: 60).ids == [1])
    let isMovedAgain = queue.move(first, deadline: 100, period: 0)
    #expect(!isMovedAgain)
    let count = queue.count
    #expect(count == 0)
  }

  @Test("recognizes a stale handle, even if its slot has used all its generations")
  func staleHandles() throws {
    var queue = TimerWheel()
    var stale: [TimerWheel.Handle] = []
    for round in 0..<10 as Range<UInt64> {
      let timer = try Self.insert(into: &queue, id: round, deadline: round, period: 0, firstGeneration: .max - 2)
      #expect(!stale.contains(timer))
      for old in stale {
        let answers = [queue.remove(old), queue.move(old, deadline: 0, period: 0)]
        #expect(answers == [false, false])
      }
      if round % 2 == 0 {
        let isRemoved = queue.remove(timer)
        #expect(isRemoved)
      } else {
        #expect(Self.expire(&queue, at: round).ids == [round])
      }
      stale.append(timer)
    }
    #expect(Set(stale).count == 10)
    var empty = TimerWheel()
    let isKnown = empty.remove(stale[0])
    #expect(!isKnown)
  }

  @Test("handles a leap of the clock by centuries at once")
  func leaps() throws {
    var queue = TimerWheel()
    try Self.insert(into: &queue, id: 1, deadline: 1, period: 1)
    try Self.insert(into: &queue, id: 2, deadline: 1 << 62, period: 0)
    #expect(Self.expire(&queue, at: 1 << 61) == Fired(ids: [1], counts: [.max]))
    #expect(Self.expire(&queue, at: 1 << 62) == Fired(ids: [1, 2], counts: [.max, 1]))
  }

  @Test("gives the exact next deadline of up to 64 timers, and of more one that is not too late")
  func crowd() throws {
    let base: UInt64 = 1 << 40
    var queue = TimerWheel()
    for id in 1...65 as ClosedRange<UInt64> {
      try Self.insert(into: &queue, id: id, deadline: base + 1_000_000 - id, period: 0)
      let next = queue.nextDeadline
      #expect(next == (id <= 64 ? base + 1_000_000 - id : base))
    }
    #expect(Self.expire(&queue, at: base) == Fired())
    let next = queue.nextDeadline
    #expect(next > base && next <= base + 1_000_000 - 65)
  }

  /// More seeds with AMY_TIMER_SEEDS=FIRST-LAST.
  static let seeds: [UInt64] = {
    let bounds = ProcessInfo.processInfo.environment["AMY_TIMER_SEEDS"]?.split(separator: "-").compactMap { UInt64($0) } ?? []
    return Array((bounds.first ?? 1)...(bounds.last ?? 8))
  }()

  @Test("behaves like a sorted array over random operations in virtual time", arguments: seeds)
  func model(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var queue = TimerWheel(at: seed % 2 == 0 ? 0 : 1 << 50)
    let firstGeneration: UInt32 = seed % 3 == 0 ? .max - 50 : 1
    var model = Model(hand: seed % 2 == 0 ? 0 : 1 << 50)
    var now = model.hand
    var handles: [TimerWheel.Handle] = []
    // In bits: how far deadlines, periods and the clock reach, which changes on the way.
    var (reach, stride) = (20 as UInt64, 18 as UInt64)
    for step in 0..<130_000 {
      if step % 1_000 == 0 { (reach, stride) = (random.next() % 42, random.next() % 42) }
      let deadline = random.next() % 50 == 0 ? random.next() : now &+ random.next() >> (63 - reach) &- random.next() % 4
      let period = random.next() % 4 == 0 ? 1 + random.next() >> (63 - random.next() % 40) : 0
      switch random.next() % 16 {
      case 0..<(model.timers.count < 100 ? 6 : 2):
        let id = UInt64(handles.count)
        let handle = try Self.insert(
          into: &queue, id: id, deadline: deadline, period: period, firstGeneration: firstGeneration)
        handles.append(handle)
        model.insert(UInt64(handles.count - 1), deadline, period)
      case 6..<10:
        guard let index = model.someID(of: handles.count, &random) else { continue }
        let isPending = queue.remove(handles[index])
        try #require(isPending == (model.remove(UInt64(index)) != nil), "seed \(seed), step \(step)")
      case 10, 11:
        guard let index = model.someID(of: handles.count, &random) else { continue }
        let isPending = queue.move(handles[index], deadline: deadline, period: period)
        let isExpected = model.remove(UInt64(index)) != nil
        if isExpected { model.insert(UInt64(index), deadline, period) }
        try #require(isPending == isExpected, "seed \(seed), step \(step)")
      default:
        let next = model.timers.first?.place ?? now
        now = max(now, random.next() % 3 == 0 ? next &- random.next() % 2 : now &+ random.next() >> (63 - stride))
        let limit = random.next() % 2 == 0 ? Int.max : Int(random.next() % 5)
        let fired = Self.expire(&queue, at: now, atMost: limit)
        try #require(fired == model.expire(at: now, atMost: limit), "seed \(seed), step \(step)")
        let told = queue.nextDeadline
        try #require(fired.isMore ? told <= now : told > now || told == .max, "seed \(seed), step \(step)")
      }
      let (told, exact, count) = (queue.nextDeadline, model.timers.first?.place ?? .max, queue.count)
      try #require(told <= exact && (model.timers.count > 64 || told == exact), "seed \(seed), step \(step)")
      try #require(count == model.timers.count, "seed \(seed), step \(step)")
    }
  }
}

/// Timers sorted by place, and equal places by time of insertion.
private struct Model {
  struct Timer {
    var id: UInt64
    var deadline: UInt64
    var period: UInt64
    /// The deadline, or, if overdue, the time of insertion.
    var place: UInt64
  }

  var hand: UInt64
  var timers: [Timer] = []

  mutating func insert(_ id: UInt64, _ deadline: UInt64, _ period: UInt64) {
    let place = max(deadline, hand)
    let index = timers.firstIndex { $0.place > place } ?? timers.count
    timers.insert(Timer(id: id, deadline: deadline, period: period, place: place), at: index)
  }

  mutating func remove(_ id: UInt64) -> Timer? {
    timers.firstIndex { $0.id == id }.map { timers.remove(at: $0) }
  }

  mutating func expire(at now: UInt64, atMost limit: Int) -> TimerWheelTests.Fired {
    var fired = TimerWheelTests.Fired()
    while let timer = timers.first, timer.place <= now {
      hand = timer.place
      if fired.ids.count >= limit {
        fired.isMore = true
        return fired
      }
      timers.removeFirst()
      var count: UInt64 = 1
      if timer.period > 0 {
        count = (now - timer.deadline) / timer.period
        let (next, isBeyond) = (timer.deadline + count * timer.period).addingReportingOverflow(timer.period)
        count = count == .max ? .max : count + 1
        if isBeyond ? now < .max : true { insert(timer.id, isBeyond ? .max : next, timer.period) }
      }
      fired.ids.append(timer.id)
      fired.counts.append(UInt32(clamping: count))
    }
    hand = max(hand, now)
    return fired
  }

  /// Returns mostly a pending timer, else any that ever existed.
  func someID(of count: Int, _ random: inout SplitMix) -> Int? {
    if random.next() % 4 > 0, let timer = timers.randomElement(using: &random) { return Int(timer.id) }
    return count == 0 ? nil : Int(random.next() % UInt64(count))
  }
}
