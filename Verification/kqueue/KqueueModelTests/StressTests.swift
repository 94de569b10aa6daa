#if KqueueModel
import Glibc
import KqueueModel
import Testing

extension Model {
  /// Many threads in one queue, which count under a lock of the C library: ThreadSanitizer knows it.
  @Suite("Several threads in one queue", .serialized)
  struct StressTests {
    private final class Counts: @unchecked Sendable {
      private var lock = pthread_mutex_t()
      private var values: [Int]

      init(_ count: Int) {
        values = Array(repeating: 0, count: count)
        pthread_mutex_init(&lock, nil)
      }

      deinit { pthread_mutex_destroy(&lock) }

      @discardableResult
      func add(_ amount: Int, at index: Int) -> Int {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        values[index] += amount
        return values[index]
      }

      func all() -> [Int] {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        return values
      }
    }

    /// Takes an event, and returns its ident, or -1 at the end.
    private static func next(_ queue: Queue) -> Int {
      var event = kevent()
      while true {
        let count = kevent(queue.number, nil, 0, &event, 1, nil)
        if count == 1 { return event.filter == Int16(userFilter) ? -1 : Int(event.ident) }
        if count < 0, errno != EINTR { return -2 }
      }
    }

    @Test("M1: with EV_DISPATCH each event has one owner, and none is lost")
    func dispatch() throws {
      let queue = try Queue()
      let rounds = 3000
      let pairs = try (0..<4).map { _ in try Pair() }
      let owners = Counts(1024)
      let told = Counts(1024)
      for pair in pairs { queue.apply(change(pair.near, readFilter, EV_ADD | EV_DISPATCH)) }
      queue.apply(change(1, userFilter, EV_ADD))
      let waiters = (0..<3).map { _ in
        spawn {
          var faults = 0
          while true {
            let descriptor = Self.next(queue)
            if descriptor < 0 { return faults + (descriptor == -1 ? 0 : 1) }
            if owners.add(1, at: descriptor) != 1 { faults += 1 }
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = recv(CInt(descriptor), &bytes, 16, CInt(MSG_DONTWAIT))
            if count > 0 { told.add(count, at: descriptor) }
            owners.add(-1, at: descriptor)
            if queue.apply(change(descriptor, readFilter, EV_ENABLE)) != 0 { faults += 1 }
          }
        }
      }
      let senders = pairs.map { pair in
        spawn {
          for _ in 0..<rounds { pair.send() }
          return 0
        }
      }
      for sender in senders { sender.join() }
      let deadline = ContinuousClock.now + .seconds(60)
      while told.all().reduce(0, +) < rounds * pairs.count, ContinuousClock.now < deadline { usleep(1000) }
      queue.apply(change(1, userFilter, EV_ENABLE, fflags: UInt32(NOTE_TRIGGER)))
      #expect(waiters.map { $0.join() } == [0, 0, 0])
      #expect(pairs.map { told.all()[Int($0.near)] } == Array(repeating: rounds, count: pairs.count))
    }

    @Test("M1: each trigger of EV_CLEAR goes to one of the waiters, and none is lost")
    func triggers() throws {
      let queue = try Queue()
      let told = Counts(1)
      let rounds = 5000
      queue.apply(change(7, timerFilter, EV_ADD | EV_DISABLE, data: 60_000))
      queue.apply(change(1, userFilter, EV_ADD | EV_CLEAR), change(2, userFilter, EV_ADD))
      let waiters = (0..<3).map { _ in
        spawn {
          var event = kevent()
          while kevent(queue.number, nil, 0, &event, 1, nil) == 1, event.ident == 1 { told.add(1, at: 0) }
          return event.ident == 2 ? 0 : 1
        }
      }
      for round in 1...rounds {
        queue.apply(change(1, userFilter, 0, fflags: UInt32(NOTE_TRIGGER)))
        let deadline = ContinuousClock.now + .seconds(30)
        while told.all()[0] < round, ContinuousClock.now < deadline { sched_yield() }
        guard told.all()[0] == round else {
          Issue.record("round \(round): told \(told.all()[0])")
          break
        }
      }
      queue.apply(change(2, userFilter, 0, fflags: UInt32(NOTE_TRIGGER)))
      #expect(waiters.map { $0.join() } == [0, 0, 0])
    }

    @Test("M2: changes from many threads while others wait; lists are not atomic")
    func changes() throws {
      let queue = try Queue()
      let pairs = try (0..<4).map { _ in try Pair() }
      for pair in pairs { pair.send() }
      let seen = Counts(1)
      let waiters = (0..<2).map { _ in
        spawn {
          while true {
            let descriptor = Self.next(queue)
            if descriptor < 0 { return descriptor == -1 ? 0 : 1 }
            seen.add(1, at: 0)
          }
        }
      }
      queue.apply(change(1, userFilter, EV_ADD))
      let changers = (0..<4).map { index in
        spawn {
          var faults = 0
          let number = pairs[index % 2].near
          for round in 0..<3000 {
            let kind = EV_RECEIPT | (round % 2 == 0 ? EV_CLEAR : EV_DISPATCH)
            let answers = queue.receipts(
              change(number, readFilter, EV_DELETE | EV_RECEIPT), change(number, writeFilter, EV_DELETE | EV_RECEIPT),
              change(number, readFilter, EV_ADD | kind), change(number, writeFilter, EV_ADD | kind))
            let allowed = [0, Int64(ENOENT)]
            if answers.count != 4 || !answers.allSatisfy({ allowed.contains($0.data) }) { faults += 1 }
          }
          return faults
        }
      }
      #expect(changers.map { $0.join() } == [0, 0, 0, 0])
      queue.apply(change(1, userFilter, 0, fflags: UInt32(NOTE_TRIGGER)))
      #expect(waiters.map { $0.join() } == [0, 0])
      #expect(seen.all()[0] > 0)
    }

    @Test("M2: other threads run between two entries of one list")
    func notAtomic() throws {
      kqueue_model_set_yield(100)
      defer { kqueue_model_set_yield(20) }
      let queue = try Queue()
      let pair = try Pair()
      let stop = Counts(1)
      // One sets both udata to 1, the other to 2: read and write disagree eventually.
      let writers = [1, 2].map { tag in
        spawn {
          while stop.all()[0] == 0 {
            queue.apply(
              change(pair.far, readFilter, EV_ADD | EV_DISABLE, udata: tag),
              change(pair.far, writeFilter, EV_ADD | EV_CLEAR, udata: tag),
              change(pair.near, writeFilter, EV_ADD | EV_CLEAR, udata: tag))
          }
          return 0
        }
      }
      var disagreed = false
      let deadline = ContinuousClock.now + .seconds(30)
      while !disagreed, ContinuousClock.now < deadline {
        let events = queue.events(for: 10)
        disagreed = Set(events.map(\.tag)).count > 1
      }
      stop.add(1, at: 0)
      for writer in writers { writer.join() }
      #expect(disagreed)
    }

    @Test("threads yield between the entries of a list as often as configured", arguments: [0, 100])
    func yields(_ percent: UInt32) throws {
      kqueue_model_set_yield(percent)
      defer { kqueue_model_set_yield(20) }
      let queue = try Queue()
      var changes = (0..<1000).map { change($0, userFilter, EV_ADD) }
      let before = Self.sleeps
      #expect(kevent(queue.number, &changes, CInt(changes.count), nil, 0, nil) == 0)
      // One yield in eight sleeps.
      let count = Self.sleeps - before
      #expect(percent == 0 ? count < 10 : count > 50)
    }

    /// How often this thread has slept.
    private static var sleeps: Int {
      var usage = rusage()
      // RUSAGE_THREAD.
      getrusage(__rusage_who_t(1), &usage)
      return usage.ru_nvcsw
    }

    @Test("V1: closing and reusing numbers while others wait reports no file under another's number")
    func closing() throws {
      let queue = try Queue()
      queue.apply(change(1, userFilter, EV_ADD))
      let waiter = spawn {
        var event = kevent()
        var faults = 0
        while kevent(queue.number, nil, 0, &event, 1, nil) == 1, event.filter == Int16(readFilter) {
          // An odd tag's never got data.
          if event.tag % 2 == 1 { faults += 1 }
        }
        return faults
      }
      let loud = try Pair()
      let quiet = try Pair()
      loud.send()
      let number = moved(dup(loud.near))
      for round in 0..<5000 {
        queue.apply(change(number, readFilter, EV_ADD | EV_CLEAR, udata: 2 * round))
        dup2(quiet.near, number)
        queue.apply(change(number, readFilter, EV_ADD | EV_CLEAR, udata: 2 * round + 1))
        dup2(loud.near, number)
      }
      queue.apply(change(1, userFilter, 0, fflags: UInt32(NOTE_TRIGGER)))
      #expect(waiter.join() == 0)
      close(number)
    }
  }
}
#endif
