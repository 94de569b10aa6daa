#if KqueueModel
import CKqueueModelTests
import Glibc
import KqueueModel
import Testing

extension Model {
  @Suite("Queues")
  struct QueueTests {
    @Test("Q1: the queue is not inherited by fork: its number is free in the child")
    func forked() throws {
      let queue = try Queue()
      let pair = try Pair()
      queue.apply(change(pair.near, readFilter, EV_ADD))
      #expect(kqueue_model_test_forked(queue.number, pair.near) == 0)
      pair.send()
      #expect(queue.events().count == 1, "the parent's is untouched")
    }

    @Test("EBADF: what is not a queue", arguments: [-1, 0, 998])
    func notQueues(_ number: CInt) {
      var event = kevent()
      #expect(kevent(number, nil, 0, &event, 1, nil) == -1)
      #expect(errno == EBADF)
    }

    @Test("Q2: a plain close is enough, also when another file gets the number at once")
    func closed() throws {
      let queue = moved(kqueue())
      let pair = try Pair()
      var addition = change(pair.near, writeFilter, EV_ADD)
      #expect(kevent(queue, &addition, 1, nil, 0, nil) == -1, "the double does not take a duplicate for a queue")
      let number = kqueue()
      #expect(kevent(number, &addition, 1, nil, 0, nil) == 0)
      dup2(pair.far, number)
      #expect(kevent(number, &addition, 1, nil, 0, nil) == -1)
      #expect(errno == EBADF)
      close(number)
      close(queue)
    }

    @Test("Q2: two thousand leave no descriptor behind")
    func leaks() {
      #expect(kqueue_model_test_leaks() == 0)
    }

    @Test("EMFILE: the descriptor table is full; Q4: a timer and a signal need one as well, a user event none")
    func exhausted() {
      #expect(kqueue_model_test_exhausted() == 0)
    }

    @Test("Q3: it is not close-on-exec of itself")
    func closesOnExec() throws {
      let queue = try Queue()
      #expect(fcntl(queue.number, F_GETFD) == 0)
    }

    @Test("one descriptor in two queues is reported by both")
    func twoQueues() throws {
      let pair = try Pair()
      let queues = [try Queue(), try Queue()]
      for queue in queues { queue.apply(change(pair.near, readFilter, EV_ADD | EV_CLEAR)) }
      pair.send()
      for queue in queues { #expect(queue.events().count == 1) }
    }
  }
}
#endif
