#if KqueueModel
import CAmyTestSupport
import Glibc
import KqueueModel
import Testing

extension Model {
  @Suite("Events")
  struct DeliveryTests {
    let queue: Queue
    let pair: Pair

    init() throws {
      queue = try Queue()
      pair = try Pair()
    }

    @Test("without EV_CLEAR an event is delivered as long as its condition holds")
    func level() {
      queue.apply(change(pair.near, readFilter, EV_ADD))
      pair.send()
      for _ in 0..<3 { #expect(queue.events().count == 1) }
      pair.receive()
      #expect(queue.events().isEmpty)
      pair.send()
      #expect(queue.events().count == 1)
    }

    @Test("the filter is run again on retrieval: an event that no longer holds is removed and not returned")
    func runAgain() {
      queue.apply(change(pair.near, readFilter, EV_ADD))
      pair.send()
      #expect(queue.isReadable)
      pair.receive()
      #expect(queue.events().isEmpty)
      #expect(!queue.isReadable)
    }

    @Test("multiple events aggregate into a single kevent", arguments: [0, EV_CLEAR])
    func aggregate(_ flags: CInt) {
      queue.apply(change(pair.near, readFilter, EV_ADD | flags))
      for _ in 0..<5 { pair.send() }
      #expect(queue.events().map(\.data) == [5])
    }

    @Test("EV_CLEAR: after retrieval the state is reset, and only new events are delivered")
    func clear() {
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      pair.send()
      #expect(queue.events().map(\.data) == [1])
      #expect(queue.events().isEmpty)
      pair.send()
      #expect(queue.events().map(\.data) == [2])
      #expect(queue.events().isEmpty)
    }

    @Test("D1: arriving data is no event for EVFILT_WRITE")
    func directionsAreApart() {
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR), change(pair.near, writeFilter, EV_ADD | EV_CLEAR))
      #expect(queue.events().map(\.filter) == [Int16(writeFilter)])
      pair.send()
      #expect(queue.events().map(\.filter) == [Int16(readFilter)])
      pair.receive()
      #expect(queue.events().isEmpty)
    }

    @Test("EV_ONESHOT returns only the first occurrence; after the user retrieves it, it is deleted")
    func oneshot() {
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_ONESHOT))
      pair.send()
      #expect(queue.events().map { $0.has(EV_ONESHOT) } == [true])
      #expect(queue.events().isEmpty)
      #expect(queue.apply(change(pair.near, readFilter, EV_DELETE)) == ENOENT)
    }

    @Test("D2: with EV_ONESHOT the filter is not run again: it may deliver an outdated event")
    func oneshotIsNotRunAgain() {
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_ONESHOT))
      pair.send()
      #expect(queue.apply(change(pair.near, readFilter, EV_ENABLE)) == 0, "noticed")
      pair.receive()
      #expect(queue.events().map(\.data) == [1])
    }

    @Test("EV_DISPATCH disables immediately after delivery; enabling checks again")
    func dispatch() {
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_DISPATCH))
      pair.send()
      #expect(queue.events().count == 1)
      pair.send()
      #expect(queue.events().isEmpty)
      #expect(!queue.isReadable)
      queue.apply(change(pair.near, readFilter, EV_ENABLE))
      #expect(queue.events().map(\.data) == [2])
      #expect(queue.events().isEmpty)
    }

    @Test("D3: a ready event goes to the end of the list, so that a short event list starves none")
    func order() throws {
      let pairs = try (0..<5).map { _ in try Pair() }
      for (index, pair) in pairs.enumerated() {
        queue.apply(change(pair.near, readFilter, EV_ADD, udata: index))
        pair.send()
      }
      let tags = (0..<5).flatMap { _ in queue.events(room: 2).map(\.tag) }
      #expect(tags == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    }

    @Test("D3: events come in the order in which they happened, each once in a call")
    func inOrder() throws {
      let pairs = try (0..<3).map { _ in try Pair() }
      for (index, pair) in pairs.enumerated() { queue.apply(change(pair.near, readFilter, EV_ADD, udata: index)) }
      for index in [2, 0, 1] { pairs[index].send() }
      #expect(queue.events(room: 20).map(\.tag) == [2, 0, 1])
    }

    @Test("when nevents is zero, kevent returns immediately even if there is a timeout")
    func noRoom() {
      var time = timespec(tv_sec: 60, tv_nsec: 0)
      #expect(kevent(queue.number, nil, 0, nil, 0, &time) == 0)
    }

    @Test("if the time limit expires, kevent returns 0, and never earlier", arguments: [100_000, 3_100_000])
    func timeout(_ nanoseconds: Int) {
      var time = timespec(tv_sec: 0, tv_nsec: nanoseconds)
      var event = kevent()
      let clock = ContinuousClock()
      let elapsed = clock.measure { #expect(kevent(queue.number, nil, 0, &event, 1, &time) == 0) }
      #expect(elapsed >= .nanoseconds(nanoseconds))
    }

    @Test("EINVAL: the specified time limit is invalid", arguments: [(-1, 0), (0, -1), (0, 1_000_000_000)])
    func badTimeout(_ seconds: Int, _ nanoseconds: Int) {
      var time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
      var event = kevent()
      #expect(kevent(queue.number, nil, 0, &event, 1, &time) == -1)
      #expect(errno == EINVAL)
    }

    @Test("E6: negative counts are invalid; with an answer the call does not wait")
    func counts() {
      var event = kevent()
      #expect(kevent(queue.number, nil, -1, &event, 1, nil) == -1)
      #expect(errno == EINVAL)
      #expect(kevent(queue.number, nil, 0, &event, -1, nil) == -1)
      #expect(errno == EINVAL)
      #expect(queue.receipts(change(1, userFilter, EV_ADD | EV_RECEIPT)).count == 1)
    }

    @Test("a NULL timeout waits, and changes of another thread are seen meanwhile")
    func waits() throws {
      let waiter = spawn { [queue] in
        var event = kevent()
        return kevent(queue.number, nil, 0, &event, 1, nil) == 1 ? event.tag : -1
      }
      usleep(20_000)
      pair.send()
      queue.apply(change(pair.near, readFilter, EV_ADD, udata: 9))
      #expect(waiter.join() == 9)
    }

    @Test("EINTR: a signal was delivered before the timeout expired; all changes have been applied")
    func interrupted() {
      amy_test_handle(SIGUSR2)
      let waiter = spawn { [queue] in
        // Dispatch's threads block all signals, and pass that on.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var addition = change(1, userFilter, EV_ADD | EV_CLEAR)
        var event = kevent()
        return kevent(queue.number, &addition, 1, &event, 1, nil) == -1 ? Int(errno) : 0
      }
      // Until it waits with a mask that lets one through.
      for _ in 0..<100 {
        usleep(1000)
        pthread_kill(waiter.thread, SIGUSR2)
      }
      #expect(waiter.join() == Int(EINTR))
      #expect(queue.apply(change(1, userFilter, EV_DELETE)) == 0, "the change was applied")
    }

    @Test("D4: a queue can itself be watched, by poll and by a queue", arguments: [0, EV_CLEAR, EV_DISPATCH, EV_ONESHOT])
    func nested(_ flags: CInt) throws {
      let outer = try Queue()
      queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR))
      outer.apply(change(queue.number, readFilter, EV_ADD | flags))
      #expect(outer.events().isEmpty)
      for round in 0..<10 {
        pair.send()
        #expect(outer.events(for: 1000).map(\.ident) == [UInt(queue.number)], "round \(round)")
        #expect(queue.events().count == 1)
        #expect(outer.events().isEmpty, "round \(round)")
        if flags == EV_DISPATCH { outer.apply(change(queue.number, readFilter, EV_ENABLE)) }
        if flags == EV_ONESHOT { outer.apply(change(queue.number, readFilter, EV_ADD | flags)) }
      }
    }

    @Test("D4: not by itself, and not for writing")
    func notByItself() throws {
      let outer = try Queue()
      #expect(queue.apply(change(queue.number, readFilter, EV_ADD)) == EINVAL)
      #expect(outer.apply(change(queue.number, writeFilter, EV_ADD)) == EINVAL)
    }
  }
}
#endif
