@testable import Amy
import AmyTestSupport
import Testing

@Suite("An event table")
struct EventTableTests {
  @Test("behaves like a dictionary over random operations", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func model(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    var table = EventTable<Int>()
    var model: [Event.ID: Int] = [:]
    // Open addressing has to cope with old ids among new ones, and a moving window.
    var ids: [Event.ID] = []
    for step in 0..<50_000 {
      switch random.next() % 8 {
      case 0, 1, 2:
        let id = Event.ID.next()
        ids.append(id)
        let old = table.insert(step, for: id)
        #expect(old == nil)
        model[id] = step
      case 3, 4:
        guard let id = ids.randomElement(using: &random) else { continue }
        let value = table.removeValue(for: id)
        #expect(value == model.removeValue(forKey: id))
      case 5:
        guard let id = ids.randomElement(using: &random) else { continue }
        let old = table.insert(step, for: id)
        #expect(old == model.updateValue(step, forKey: id))
      case 6:
        guard let id = ids.randomElement(using: &random) else { continue }
        let result = table.withValue(for: id) { value in
          value += 1
          return value
        }
        if let value = model[id] { model[id] = value + 1 }
        #expect(result == model[id])
      default:
        guard let id = ids.randomElement(using: &random) else { continue }
        let (value, isThere) = (table[id], table.contains(id))
        #expect(value == model[id])
        #expect(isThere == (model[id] != nil))
      }
      if step % 10_000 == 9_999 { ids.removeAll { model[$0] == nil && $0.rawValue % 2 == 0 } }
      let count = table.count
      #expect(count == model.count)
    }
    var contents: [Event.ID: Int] = [:]
    table.forEach { id, value in contents[id] = value }
    #expect(contents == model)
  }

  @Test("destroys each value once: when it is replaced, when it is removed, or with the table")
  func lifetimes() {
    let alive = Counter()
    do {
      var table = EventTable<Tracked>()
      let ids = (0..<100).map { _ in Event.ID.next() }
      for id in ids { table.insert(Tracked(alive), for: id) }
      #expect(alive.count == 100)
      table.insert(Tracked(alive), for: ids[0])
      #expect(alive.count == 100)
      for id in ids[..<50] { _ = table.removeValue(for: id) }
      #expect(alive.count == 50)
      let isGone = table.removeValue(for: ids[0]) == nil
      #expect(isGone)
      table.removeAll { _, _ in }
      #expect(alive.count == 0)
      let isEmpty = table.isEmpty
      #expect(isEmpty)
      for id in ids { table.insert(Tracked(alive), for: id) }
      #expect(alive.count == 100)
    }
    #expect(alive.count == 0)
  }

  @Test("holds its minimum capacity without growing")
  func capacity() {
    for size in [0, 1, 6, 7, 100, 10_000] {
      var table = EventTable<Int>(minimumCapacity: size)
      let capacity = table.capacity
      #expect(capacity >= size)
      for number in 0..<size { table.insert(number, for: .next()) }
      let capacityAfter = table.capacity
      #expect(capacityAfter == capacity)
    }
  }

  @Test("doubles when it is full")
  func growth() {
    var table = EventTable<Int>()
    var capacities: [Int] = [table.capacity]
    for number in 0..<1_000 {
      table.insert(number, for: .next())
      if table.capacity != capacities.last { capacities.append(table.capacity) }
    }
    #expect(capacities == [6, 12, 24, 48, 96, 192, 384, 768, 1536])
  }

  @Test("finds ids in a few steps, whatever the distance between them")
  func distances() throws {
    // With Fibonacci numbers, the worst case for hashing by one multiplication.
    var distances: [UInt64] = [1, 2, 3, 4, 5, 7, 10, 16, 64, 100, 256, 1000, 1024, 4096, 65_536, 1 << 20, 1 << 32, 1 << 40]
    var (last, next) = (UInt64(5), UInt64(8))
    while next < 1 << 40 {
      distances.append(next)
      (last, next) = (next, last + next)
    }
    for distance in distances {
      var table = EventTable<Int>(minimumCapacity: 12_000)
      let ids = (1...UInt64(12_000)).compactMap { Event.ID(rawValue: $0 * distance) }
      for id in ids { table.insert(0, for: id) }
      // The slots that a search looks at.
      let steps = ids.map { id in
        table.storage.find(id.rawValue).map { ($0 &- table.storage.home(of: id.rawValue)) & table.storage.mask + 1 } ?? 0
      }
      // Three quarters full, a random function gives 2.5 on average.
      #expect(steps.reduce(0, +) < 4 * ids.count, "distance \(distance)")
      #expect(steps.max() ?? 0 < 400, "distance \(distance)")
    }
  }

  @Test("passes on what its closure throws and returns")
  func closures() throws {
    var table = EventTable<Int>()
    let id = Event.ID.next()
    table.insert(1, for: id)
    do throws(PollerError) {
      try table.withValue(for: id) { _ throws(PollerError) in throw PollerError(.closed) }
      Issue.record("the closure's error was lost")
    } catch {
      #expect(error == PollerError(.closed))
    }
    let nothing = table.withValue(for: .next()) { $0 }
    #expect(nothing == nil)
  }
}

private final class Counter {
  var count = 0
}

private struct Tracked: ~Copyable {
  let counter: Counter

  init(_ counter: Counter) {
    self.counter = counter
    counter.count += 1
  }

  deinit { counter.count -= 1 }
}
